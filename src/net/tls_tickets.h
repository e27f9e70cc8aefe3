#pragma once

/// `TicketKeys` seals the sessions of a server's clients into tickets (RFC 5077), which they bring
/// again. The keys are made here, never leave the process, and change every day; the one before
/// the last still opens tickets of its time. Any number of threads may use one, for the library
/// (built with threads) locks them.

#include <chrono>

#include <mbedtls/ssl_ticket.h>

#include "net/tls_library.h"

namespace xtrace::tls {

class TicketKeys {
 public:
  /// How long a ticket is good for, and a key seals new ones.
  static constexpr std::chrono::seconds kLifetime = std::chrono::hours(24);

  TicketKeys() = default;
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys() = default;

  /// Makes the first key and has the servers of `config`, which this outlives, give and take
  /// tickets. Returns the library's code.
  int attach(mbedtls_ssl_config& config);

 private:
  Owned<mbedtls_ssl_ticket_context, mbedtls_ssl_ticket_init, mbedtls_ssl_ticket_free> keys_;
};

}  // namespace xtrace::tls
