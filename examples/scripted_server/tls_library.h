#pragma once

/// What of the TLS library an identity keeps for the connections that show it.

#include <mbedtls/ssl_ticket.h>

#include "net/tls_library.h"
#include "scripted_server/tls_identity.h"

namespace xtrace::examples {

struct TlsIdentity::Library {
  tls::PrivateKey key;
  tls::CertificateChain chain;
  tls::Owned<mbedtls_ssl_ticket_context, mbedtls_ssl_ticket_init, mbedtls_ssl_ticket_free> tickets;
  /// Any number of connections read it, each on a thread of its own.
  tls::SslConfig config;
};

}  // namespace xtrace::examples
