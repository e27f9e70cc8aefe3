#pragma once

/// TLS around any `Stream`. The only place that knows which TLS library, in which version, is
/// below.

#include <cstdint>
#include <memory>
#include <string>

#include <xtrace/callback.h>
#include <xtrace/loop.h>
#include <xtrace/tls.h>
#include <xtrace/tls_server.h>

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
  /// Sessions of one port are not tried on another.
  std::uint16_t port = 0;
};

/// Shake hands over `inner`, a stream of `loop`, offering what `context` says and continuing the
/// last session with the same host, port and server name where it may. `on_done` runs once, on a
/// later turn, with the encrypted stream, or with an error in phase tls: `tls_handshake`,
/// `tls_version`, `tls_closed`, or one of the `cert_*` codes.
///
/// Nothing of the user's is sent before the peer is verified. The stream's reader is told EOF only
/// where the peer said so with close_notify; a connection that ends without it may have been cut by
/// anybody on the path, and is the error of `is_tls_truncation`.
[[nodiscard]] std::unique_ptr<Handshake> shake_hands(
    Loop& loop, const std::shared_ptr<const TlsContext>& context, std::unique_ptr<Stream> inner,
    const HandshakeOptions& options, Callback<void(Expected<TlsSession>)> on_done);

/// Answer the handshake of a client over `inner`, a stream of `loop` that was accepted, as
/// `context` says. Promises and errors as those of `shake_hands`, with the client's address for a
/// name. A client that was to show a certificate showed a good one: the `cert_*` codes are about
/// it.
///
/// `TlsInfo` is seen from here: `resumed` says that the client continued a session, `verified` that
/// its certificate was asked for and checked, and `peer_*` are of that certificate.
///
/// It takes as long as the client likes; whoever is in a hurry destroys it. To a plain HTTP request
/// it answers 400 with a sentence for the person behind it.
[[nodiscard]] std::unique_ptr<Handshake> accept_tls(
    Loop& loop, const std::shared_ptr<const TlsServerContext>& context,
    std::unique_ptr<Stream> inner, Callback<void(Expected<TlsSession>)> on_done);

/// Whether `error` (`receive_failed`) says that the connection ended without TLS close_notify. It
/// matters to a message whose end is the connection's end, and to no other.
bool is_tls_truncation(const Error& error);

}  // namespace xtrace
