#pragma once

/// `TlsHost` is a TLS server on a free loopback port of the loop under test. It serves one
/// connection: shakes hands, waits for the empty line behind a head, answers, and does with the end
/// what the test wants.

#include <memory>
#include <string>
#include <utility>

#include <xtrace/loop.h>

#include "net/pollable.h"
#include "net/socket.h"
#include "support/tls_server.h"

namespace xtrace::testing {

class TlsHost {
 public:
  /// How the connection ends behind the answer: not at all, with close_notify, or cut without a
  /// word.
  enum class End { open, goodbye, cut };

  TlsHost(Loop& loop, const TlsServerOptions& options);
  TlsHost(const TlsHost&) = delete;
  TlsHost& operator=(const TlsHost&) = delete;

  void answer(std::string text, End end) {
    answer_ = std::move(text);
    end_ = end;
  }
  /// Answer once so many bytes have come, and not before.
  void wait_for(std::size_t bytes) { wanted_ = bytes; }
  /// Write one byte a turn from now on.
  void dribble() { most_written_ = 1; }
  const Address& address() const { return address_; }
  TlsServer& tls() { return tls_; }

 private:
  static void on_event(uv_poll_t* handle, int status, int events) noexcept;
  void accept();
  Flow on_data(Expected<std::span<const std::byte>> data);
  void flush();

  Loop& loop_;
  TlsServer tls_;
  std::string answer_;
  End end_ = End::open;
  std::size_t wanted_ = 0;
  bool has_answered_ = false;
  bool is_writing_ = false;
  std::size_t most_written_ = std::string::npos;  // at once
  std::string unsent_;
  std::string writing_;
  Address address_;
  Pollable listener_;
  std::unique_ptr<Socket> socket_;
};

}  // namespace xtrace::testing
