#include "net/tls_settings.h"

#include <array>
#include <cstdint>

namespace xtrace::tls {

namespace {

// Forward secret and authenticated first, the fastest of them before the others; what older servers
// need last. mbedTLS' own order prefers the slow ones.
constexpr auto kCiphers = std::to_array<int>({
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
  MBEDTLS_TLS1_3_AES_128_GCM_SHA256, MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, MBEDTLS_TLS_DHE_RSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_DHE_RSA_WITH_AES_256_CBC_SHA256, MBEDTLS_TLS_RSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_RSA_WITH_AES_256_GCM_SHA384, MBEDTLS_TLS_RSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_RSA_WITH_AES_128_CBC_SHA, MBEDTLS_TLS_RSA_WITH_AES_256_CBC_SHA, 0,
});

// The cheapest first; mbedTLS 2.28 would begin with the 521 bit curve, three times the work.
#if MBEDTLS_VERSION_MAJOR >= 3
constexpr auto kGroups = std::to_array<std::uint16_t>({
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
});
#else
constexpr auto kGroups = std::to_array<mbedtls_ecp_group_id>({
    MBEDTLS_ECP_DP_CURVE25519,
    MBEDTLS_ECP_DP_SECP256R1,
    MBEDTLS_ECP_DP_SECP384R1,
    MBEDTLS_ECP_DP_SECP521R1,
    MBEDTLS_ECP_DP_NONE,
});
#endif

// The library keeps the pointer, and asks for one to mutable pointers without writing to them.
std::array<const char*, 2> protocols = {"http/1.1", nullptr};

void set_minimum_version(mbedtls_ssl_config& config) {
#if MBEDTLS_VERSION_MAJOR >= 3
  mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
#else
  mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#endif
}

void set_groups(mbedtls_ssl_config& config) {
#if MBEDTLS_VERSION_MAJOR >= 3
  mbedtls_ssl_conf_groups(&config, kGroups.data());
#else
  mbedtls_ssl_conf_curves(&config, kGroups.data());
#endif
}

}  // namespace

int configure(mbedtls_ssl_config& config) {
  const int code = mbedtls_ssl_config_defaults(
      &config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (code != 0) return code;
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
  mbedtls_ssl_conf_rng(&config, random_bytes, nullptr);
  set_minimum_version(config);
  set_groups(config);
  mbedtls_ssl_conf_ciphersuites(&config, kCiphers.data());
#if defined(MBEDTLS_SSL_RENEGOTIATION)
  mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
  mbedtls_ssl_conf_session_tickets(&config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
  return mbedtls_ssl_conf_alpn_protocols(&config, protocols.data());
}

#if MBEDTLS_VERSION_MAJOR >= 3

bool is_handshake_over(const mbedtls_ssl_context& ssl) {
  return mbedtls_ssl_is_handshake_over(const_cast<mbedtls_ssl_context*>(&ssl)) != 0;
}

mbedtls_x509_crt* chain_in_negotiation(const mbedtls_ssl_context& ssl) {
  return const_cast<mbedtls_x509_crt*>(mbedtls_ssl_get_peer_cert(&ssl));
}

std::string cipher_in_negotiation(const mbedtls_ssl_context& ssl) {
  const char* name = mbedtls_ssl_get_ciphersuite(&ssl);
  return name == nullptr ? "" : name;
}

std::optional<int> decrypted_alert(const mbedtls_ssl_context& /*ssl*/) {
  return std::nullopt;
}

#else

bool is_handshake_over(const mbedtls_ssl_context& ssl) {
  return ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

mbedtls_x509_crt* chain_in_negotiation(const mbedtls_ssl_context& ssl) {
  const mbedtls_ssl_session* session =
      ssl.session_negotiate != nullptr ? ssl.session_negotiate : ssl.session;
  return session == nullptr ? nullptr : session->peer_cert;
}

std::string cipher_in_negotiation(const mbedtls_ssl_context& ssl) {
  const mbedtls_ssl_session* session =
      ssl.session_negotiate != nullptr ? ssl.session_negotiate : ssl.session;
  const char* name = mbedtls_ssl_get_ciphersuite_name(session->ciphersuite);
  return name == nullptr ? "" : name;
}

std::optional<int> decrypted_alert(const mbedtls_ssl_context& ssl) {
  return ssl.in_msg[1];
}

#endif

}  // namespace xtrace::tls
