#pragma once

/// Which versions, ciphers and curves are offered, and what the library's versions let us see of a
/// handshake under way.

#include <optional>
#include <string>

#include "net/tls_library.h"

namespace xtrace::tls {

/// The settings all clients share. The library is told not to verify: `tls::verify` does, as soon
/// as the chain is there, with the few CAs it takes.
int configure(mbedtls_ssl_config& config);

bool is_handshake_over(const mbedtls_ssl_context& ssl);
/// The peer's chain, as early as the library shows it: with 2.28 before anything is answered to it,
/// with 3.x at the end of the handshake. Null until then.
mbedtls_x509_crt* chain_in_negotiation(const mbedtls_ssl_context& ssl);
/// The library's name of the cipher suite being agreed on.
std::string cipher_in_negotiation(const mbedtls_ssl_context& ssl);
/// The alert that ended the connection, where it came encrypted and the library shows it.
std::optional<int> decrypted_alert(const mbedtls_ssl_context& ssl);

}  // namespace xtrace::tls
