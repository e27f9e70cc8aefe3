#pragma once

/// TLS around any `Stream`. The only place that knows which TLS library, in which version, is
/// below.

#include <memory>
#include <string>

#include <xtrace/callback.h>
#include <xtrace/tls.h>

#include "net/stream.h"

namespace xtrace {

/// A handshake in flight. Destroying it closes the inner stream and cancels: the callback then
/// never runs.
class Handshake {
 public:
  Handshake() = default;
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
  virtual ~Handshake() = default;
};

struct TlsSession {
  std::unique_ptr<Stream> stream;
  TlsInfo info;
};

struct HandshakeOptions {
  /// The name the certificate must be for: a DNS name, or an IP address (then checked against
  /// iPAddress entries).
  std::string host;
  /// The name sent as SNI and, if not empty, checked instead of `host` (curl has no such flag;
  /// `openssl -servername`).
  std::string server_name;
};

/// Shake hands over `inner`, offering ALPN `http/1.1`. `on_done` runs once, on a later turn, with
/// the encrypted stream, or with an error in phase tls: `tls_handshake`, `tls_version`,
/// `tls_closed`, or one of the `cert_*` codes.
[[nodiscard]] std::unique_ptr<Handshake> shake_hands(std::shared_ptr<const TlsContext> context,
                                                     std::unique_ptr<Stream> inner,
                                                     const HandshakeOptions& options,
                                                     Callback<void(Expected<TlsSession>)> on_done);

}  // namespace xtrace
