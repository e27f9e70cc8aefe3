#pragma once

/// Sentences for what goes wrong in a handshake, and after it.

#include <optional>
#include <string>
#include <string_view>

#include <xtrace/error.h>

#include "net/tls_library.h"
#include "net/tls_offer.h"

namespace xtrace::tls {

/// What was seen when the handshake stopped.
struct Breakdown {
  /// The library's code.
  int code = 0;
  /// The alert the peer sent, where it did.
  std::optional<int> alert;
  /// The first bytes the peer ever sent, as they came.
  std::string_view first_bytes;
  /// Which side the peer is.
  Side peer = Side::server;
  /// The alert we sent, where the library said why it gave up.
  std::optional<int> own_alert = {};
};

/// The name RFC 8446 section 6 (and RFC 5246 before it) gives an alert: `handshake_failure`.
/// `alert 200` for one it does not know.
std::string alert_name(int alert);

/// Whether the first bytes of a peer that should speak TLS begin a plain HTTP request.
bool looks_like_http(std::string_view first_bytes);

/// Codes `tls_handshake`, `tls_version` or `tls_closed`, in phase tls.
Error handshake_error(const std::string& name, const Breakdown& breakdown, const Offer& offer);
/// The connection below ended with an error of its own: `tls_closed`.
Error handshake_cut(const std::string& name, const Error& below);

/// After the handshake: `receive_failed` in phase response.
Error receive_error(const Breakdown& breakdown);
/// The connection ended without the peer's close_notify. See `is_tls_truncation`.
Error truncation_error();

}  // namespace xtrace::tls
