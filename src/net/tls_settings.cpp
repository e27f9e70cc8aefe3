#include "net/tls_settings.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include <mbedtls/platform.h>

namespace xtrace::tls {

namespace {

// Forward secret and authenticated first, the fastest of them before the others; what older servers
// need last. ChaCha20-Poly1305 is the fastest, also beside AES instructions: mbedTLS multiplies in
// GCM one block after the other (2.28 on a Xeon: 1.3 KB in 4.2 us, and in 2.7 with ChaCha20).
constexpr auto kCiphers = std::to_array<int>({
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
  MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
      MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
      MBEDTLS_TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, MBEDTLS_TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, MBEDTLS_TLS_DHE_RSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_DHE_RSA_WITH_AES_256_CBC_SHA256, MBEDTLS_TLS_RSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_RSA_WITH_AES_256_GCM_SHA384, MBEDTLS_TLS_RSA_WITH_AES_128_CBC_SHA256,
      MBEDTLS_TLS_RSA_WITH_AES_128_CBC_SHA, MBEDTLS_TLS_RSA_WITH_AES_256_CBC_SHA, 0,
});

// A server has the choice: forward secret all of them, and the last two for versions before 1.2,
// which have no better. RSA alone invites Bleichenbacher, and DHE costs many times an ECDHE.
constexpr auto kServerCiphers = std::to_array<int>({
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
  MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
      MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, 0,
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

#if MBEDTLS_VERSION_MAJOR >= 3
mbedtls_ssl_protocol_version number_of(TlsVersion version) {
  return version == TlsVersion::tls1_3 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2;
}

void set_versions(mbedtls_ssl_config& config, const Offer& offer) {
  mbedtls_ssl_conf_min_tls_version(&config, number_of(offer.oldest));
  mbedtls_ssl_conf_max_tls_version(&config, number_of(offer.newest));
}
#else
// TLS 1.0 is version 3.1 on the wire.
int minor_of(TlsVersion version) {
  return MBEDTLS_SSL_MINOR_VERSION_1 + static_cast<int>(version);
}

void set_versions(mbedtls_ssl_config& config, const Offer& offer) {
  mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, minor_of(offer.oldest));
  mbedtls_ssl_conf_max_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, minor_of(offer.newest));
}
#endif

void set_groups(mbedtls_ssl_config& config) {
#if MBEDTLS_VERSION_MAJOR >= 3
  mbedtls_ssl_conf_groups(&config, kGroups.data());
#else
  mbedtls_ssl_conf_curves(&config, kGroups.data());
#endif
}

bool is_other_ticket(std::span<const unsigned char> fresh, std::span<const unsigned char> old) {
  return !fresh.empty() && !std::equal(fresh.begin(), fresh.end(), old.begin(), old.end());
}

}  // namespace

int configure(mbedtls_ssl_config& config, Side side, const Offer& offer) {
  const bool is_client = side == Side::client;
  const int code = mbedtls_ssl_config_defaults(
      &config, is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
      MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (code != 0) return code;
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
  mbedtls_ssl_conf_rng(&config, random_bytes, nullptr);
  set_versions(config, offer);
  set_groups(config);
  mbedtls_ssl_conf_ciphersuites(&config, is_client ? kCiphers.data() : kServerCiphers.data());
#if defined(MBEDTLS_SSL_RENEGOTIATION)
  mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
  return 0;
}

std::vector<const char*> protocol_names(const Offer& offer) {
  std::vector<const char*> names;
  for (const auto& name : offer.protocols) names.push_back(name.c_str());
  names.push_back(nullptr);
  return names;
}

void allow_tickets([[maybe_unused]] mbedtls_ssl_config& config, [[maybe_unused]] bool allowed) {
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
  mbedtls_ssl_conf_session_tickets(&config, allowed ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                                                    : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
#if defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
      &config, allowed ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
                       : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
#endif
}

#if MBEDTLS_VERSION_MAJOR >= 3

void ask_for_certificates(mbedtls_ssl_config& config, const CertificateChain& issuers) {
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_OPTIONAL);
  mbedtls_ssl_conf_dn_hints(&config, issuers.get());
}

void name_issuers(mbedtls_ssl_context& /*ssl*/, const CertificateChain& /*issuers*/) {}

// The library has steps beyond the last one, and otherwise takes them when data are read.
void give_tickets(mbedtls_ssl_context& ssl) {
  static_cast<void>(mbedtls_ssl_handshake(&ssl));
}

bool expects_client_certificate(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_CLIENT_CERTIFICATE;
}

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

bool expects_certificate(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_CERTIFICATE;
}

void forget_chain(mbedtls_ssl_context& /*ssl*/) {}

bool copy_session(const mbedtls_ssl_context& ssl, SslSession& into) {
  if (mbedtls_ssl_get_session(&ssl, into.get()) != 0) return false;
  return into->MBEDTLS_PRIVATE(ticket_len) > 0 || mbedtls_ssl_session_get_id_len(into.get()) > 0;
}

std::optional<std::chrono::seconds> ticket_lifetime(const SslSession& session) {
  const auto hint = session->MBEDTLS_PRIVATE(ticket_lifetime);
  if (session->MBEDTLS_PRIVATE(ticket_len) == 0 || hint == 0) return std::nullopt;
  return std::chrono::seconds(hint);
}

bool has_new_ticket(const mbedtls_ssl_context& ssl, const SslSession& old) {
  const mbedtls_ssl_session& fresh = *ssl.MBEDTLS_PRIVATE(session);
  return is_other_ticket({fresh.MBEDTLS_PRIVATE(ticket), fresh.MBEDTLS_PRIVATE(ticket_len)},
                         {old->MBEDTLS_PRIVATE(ticket), old->MBEDTLS_PRIVATE(ticket_len)});
}

std::optional<int> decrypted_alert(const mbedtls_ssl_context& /*ssl*/) {
  return std::nullopt;
}

#else

void ask_for_certificates(mbedtls_ssl_config& config, const CertificateChain& /*issuers*/) {
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_OPTIONAL);
}

// 2.28 names the CAs that it would also verify with, which is done elsewhere and costs a
// millisecond. So it has them only while it names them.
void name_issuers(mbedtls_ssl_context& ssl, const CertificateChain& issuers) {
  if (ssl.handshake == nullptr) return;
  const bool is_next = ssl.state == MBEDTLS_SSL_CERTIFICATE_REQUEST;
  auto* names = const_cast<mbedtls_x509_crt*>(issuers.get());
  mbedtls_ssl_set_hs_ca_chain(&ssl, is_next ? names : nullptr, nullptr);
}

void give_tickets(mbedtls_ssl_context& /*ssl*/) {}

bool expects_client_certificate(const mbedtls_ssl_context& ssl) {
  return ssl.state == MBEDTLS_SSL_CLIENT_CERTIFICATE;
}

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

bool expects_certificate(const mbedtls_ssl_context& ssl) {
  return ssl.state == MBEDTLS_SSL_SERVER_CERTIFICATE;
}

void forget_chain(mbedtls_ssl_context& ssl) {
  if (ssl.session == nullptr || ssl.session->peer_cert == nullptr) return;
  mbedtls_x509_crt_free(ssl.session->peer_cert);
  mbedtls_free(std::exchange(ssl.session->peer_cert, nullptr));
}

bool copy_session(const mbedtls_ssl_context& ssl, SslSession& into) {
  if (mbedtls_ssl_get_session(&ssl, into.get()) != 0) return false;
  return into->ticket_len > 0 || into->id_len > 0;
}

std::optional<std::chrono::seconds> ticket_lifetime(const SslSession& session) {
  if (session->ticket_len == 0 || session->ticket_lifetime == 0) return std::nullopt;
  return std::chrono::seconds(session->ticket_lifetime);
}

bool has_new_ticket(const mbedtls_ssl_context& ssl, const SslSession& old) {
  return is_other_ticket({ssl.session->ticket, ssl.session->ticket_len},
                         {old->ticket, old->ticket_len});
}

std::optional<int> decrypted_alert(const mbedtls_ssl_context& ssl) {
  return ssl.in_msg[1];
}

#endif

}  // namespace xtrace::tls
