#pragma once

/// What `make_tls_server_context` made of a `TlsServerConfig`. Any number of threads may use one
/// context at a time: it is only read, but for the keys of its tickets, which the library locks.

#include <memory>
#include <optional>
#include <vector>

#include <xtrace/tls_server.h>

#include "net/tls_files.h"
#include "net/tls_offer.h"
#include "net/tls_tickets.h"
#include "net/tls_trust.h"

namespace xtrace {

class TlsServerContext {
 public:
  struct Parts {
    std::unique_ptr<tls::Identity> identity = {};
    /// Nothing: clients are not asked for a certificate.
    std::optional<tls::TrustStore> client_trust = {};
    tls::Offer offer = {};
    bool resumes_sessions = true;
  };

  explicit TlsServerContext(Parts parts);
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;
  ~TlsServerContext();

  /// Once, before anybody uses it. Returns the library's code, 0 for success.
  int configure();

  const tls::Offer& offer() const { return parts_.offer; }
  /// Null where anybody is served.
  const tls::TrustStore* client_trust() const {
    return parts_.client_trust ? &*parts_.client_trust : nullptr;
  }
  /// The same CAs, parsed, to be named to clients.
  const tls::CertificateChain& client_issuers() const { return client_issuers_; }

  /// The settings of all connections.
  const mbedtls_ssl_config& config() const { return *config_.get(); }

 private:
  const Parts parts_;
  const std::vector<const char*> protocols_;  // the library keeps the pointer to it
  tls::CertificateChain client_issuers_;
  tls::TicketKeys tickets_;
  tls::SslConfig config_;  // points into all of the above
};

}  // namespace xtrace
