#pragma once

/// How TLS is configured: whom to trust, what to show, what to speak. `make_tls_context` turns it
/// into a `TlsContext`, which is immutable and may be shared by any number of clients and loops.

#include <memory>
#include <string>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

namespace xtrace {

struct TlsConfig {
  /// PEM file with the CAs to trust; empty means the system's store (`SSL_CERT_FILE`, then the
  /// distributions' usual files).
  std::string ca_file{};
  /// PEM file with the client's certificate (chain) and key; both or neither. The key may be in the
  /// certificate's file.
  std::string certificate_file{};
  std::string key_file{};
  /// Accept any certificate. For debugging only: anybody on the path can then read and change
  /// everything.
  bool accept_any_certificate = false;
};

/// What a handshake agreed on, for the report.
struct TlsInfo {
  std::string version{};       ///< `TLSv1.2`, `TLSv1.3`
  std::string cipher{};        ///< IANA name, `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`
  bool resumed = false;        ///< A session of an earlier connection was continued.
  std::string alpn{};          ///< `http/1.1`, or empty when the peer does not negotiate.
  bool verified = false;       ///< Chain and host name were checked and hold.
  std::string peer_subject{};  ///< `CN=api.example.com`
  std::string peer_issuer{};
  WallTime peer_not_before{};
  WallTime peer_not_after{};

  friend bool operator==(const TlsInfo&, const TlsInfo&) = default;
};

class TlsContext;

/// Reads the files and checks that they fit together. Errors: `tls_config`, naming the file and the
/// reason. The trust store is read here (a few milliseconds for the system's), so make the context
/// once and share it.
Expected<std::shared_ptr<const TlsContext>> make_tls_context(const TlsConfig& config);

}  // namespace xtrace
