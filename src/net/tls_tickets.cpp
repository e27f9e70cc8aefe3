#include "net/tls_tickets.h"

#include <cstdint>

namespace xtrace::tls {

namespace {

const mbedtls_x509_crt* client_of(const mbedtls_ssl_session& session) {
#if MBEDTLS_VERSION_MAJOR >= 3
  return session.MBEDTLS_PRIVATE(peer_cert);
#else
  return session.peer_cert;
#endif
}

// A ticket holds its client's certificate, which ends no later for being in one.
int open_ticket(void* keys, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t size) {
  if (const int code = mbedtls_ssl_ticket_parse(keys, session, ticket, size); code != 0) {
    return code;
  }
  const mbedtls_x509_crt* client = client_of(*session);
  const bool is_outdated = client != nullptr && mbedtls_x509_time_is_past(&client->valid_to) != 0;
  return is_outdated ? MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED : 0;
}

}  // namespace

int TicketKeys::attach(mbedtls_ssl_config& config) {
  const int code =
      mbedtls_ssl_ticket_setup(keys_.get(), random_bytes, nullptr, MBEDTLS_CIPHER_AES_256_GCM,
                               static_cast<std::uint32_t>(kLifetime.count()));
  if (code != 0) return code;
  mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, open_ticket, keys_.get());
  return 0;
}

}  // namespace xtrace::tls
