#pragma once

/// Is the peer who it should be? The chain, dates, signatures and DNS names are judged by the TLS
/// library; IP addresses and the certificate's purpose here, because mbedTLS 2.28 leaves them to
/// us.

#include <string>
#include <string_view>

#include <xtrace/expected.h>

#include "net/tls_library.h"
#include "net/tls_trust.h"

namespace xtrace::tls {

struct Expectation {
  /// A server's DNS name, or its IP address without brackets. Of a client, what messages call it:
  /// nobody knows beforehand what names its certificate holds.
  std::string name;
  /// The library's name of the cipher suite, which decides what a server's key must be allowed to
  /// do.
  std::string_view cipher;
  Side peer = Side::server;
};

/// Judge `chain`, the peer's own certificate first. Errors, all in phase tls: `cert_untrusted`,
/// `cert_self_signed`, `cert_expired`, `cert_not_yet_valid`, `cert_wrong_host`, `cert_invalid`.
Expected<void> verify(mbedtls_x509_crt& chain, const TrustStore& trust,
                      const Expectation& expectation);

/// The alert that tells the peer of such an error.
int alert_for(Error::Code code);

}  // namespace xtrace::tls
