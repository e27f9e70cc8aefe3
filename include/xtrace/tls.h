#pragma once

/// How TLS is configured: whom to trust, what to show, what to speak. `make_tls_context` turns it
/// into a `TlsContext`, which may be shared by any number of clients and loops.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

namespace xtrace {

enum class TlsVersion : std::uint8_t { tls1_0, tls1_1, tls1_2, tls1_3 };

struct TlsConfig {
  /// PEM file with the CAs to trust; empty means the system's store (`SSL_CERT_FILE`, then the
  /// distributions' usual files).
  std::string ca_file{};
  /// PEM file with the client's certificate (chain), for servers that ask for one.
  std::string certificate_file{};
  /// PEM file with its key, not encrypted; empty means that the key is in the certificate's file.
  std::string key_file{};
  /// Accept any certificate. For debugging only: anybody on the path can then read and change
  /// everything.
  bool accept_any_certificate = false;
  /// The oldest and the newest version to speak. A version that the library below lacks is not
  /// offered (mbedTLS 2.28 ends at 1.2); a range that leaves none is `tls_config`.
  TlsVersion oldest = TlsVersion::tls1_2;
  TlsVersion newest = TlsVersion::tls1_3;
  /// Protocols offered by ALPN (RFC 7301), most wanted first; empty offers none. A server that
  /// picks one the client cannot speak fails the handshake.
  std::vector<std::string> alpn = {"http/1.1"};
  /// Continue earlier sessions (RFC 5077 tickets, session ids): a handshake without certificates
  /// and signatures. Sessions are kept by the `TlsContext`, 256 at most, per host, port and server
  /// name, and never for longer than the peer said, its certificate holds, or a day.
  bool resumes_sessions = true;
  /// Append the secrets of every connection to this file, in the format of `SSLKEYLOGFILE`, so that
  /// Wireshark can read a capture. The file is opened with the context, and made for its owner
  /// alone. Empty writes none: the environment is the caller's to ask. For debugging only.
  std::string key_log_file{};
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
/// reason. The trust store is read and indexed here, in a fraction of a millisecond for the
/// system's; its certificates are parsed by the handshakes that need them. A CA file of your own is
/// parsed at once, so that a broken one is found here. Make a context once and share it: any number
/// of threads may use it, and only who shares it continues its sessions.
Expected<std::shared_ptr<const TlsContext>> make_tls_context(const TlsConfig& config);

}  // namespace xtrace
