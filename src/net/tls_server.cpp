#include "net/tls_server.h"

#include <utility>

#include "net/tls_settings.h"

namespace xtrace {

namespace {

Expected<TlsServerContext::Parts> read_parts(const TlsServerConfig& config) {
  if (config.certificate_file.empty() && config.key_file.empty()) {
    return tls::config_error("serve TLS: no server certificate is configured");
  }
  TlsServerContext::Parts parts;
  auto offer =
      tls::make_offer({.oldest = config.oldest, .newest = config.newest, .alpn = config.alpn});
  if (const Error* error = offer.if_error()) return *error;
  parts.offer = std::move(*offer);
  auto identity = tls::read_identity(
      {.owner = "server", .certificate = config.certificate_file, .key = config.key_file});
  if (const Error* error = identity.if_error()) return *error;
  parts.identity = std::move(*identity);
  if (!config.client_ca_file.empty()) {
    auto trust = tls::read_trust_file("client CA file", config.client_ca_file);
    if (const Error* error = trust.if_error()) return *error;
    parts.client_trust = std::move(*trust);
  }
  parts.resumes_sessions = config.resumes_sessions;
  return parts;
}

}  // namespace

TlsServerContext::TlsServerContext(Parts parts)
    : parts_(std::move(parts)), protocols_(tls::protocol_names(parts_.offer)) {}

TlsServerContext::~TlsServerContext() = default;

int TlsServerContext::configure() {
  mbedtls_ssl_config& config = *config_.get();
  if (const int code = tls::configure(config, tls::Side::server, parts_.offer); code != 0) {
    return code;
  }
  if (!parts_.offer.protocols.empty()) {
    // The library takes a list it may write to, and does not.
    auto** names = const_cast<const char**>(protocols_.data());
    if (const int code = mbedtls_ssl_conf_alpn_protocols(&config, names); code != 0) return code;
  }
  if (parts_.client_trust) {
    parts_.client_trust->add_all(client_issuers_);
    tls::ask_for_certificates(config, client_issuers_);
  }
  if (parts_.resumes_sessions) {
    if (const int code = tickets_.attach(config); code != 0) return code;
  }
  return mbedtls_ssl_conf_own_cert(&config, parts_.identity->chain.get(),
                                   parts_.identity->key.get());
}

Expected<std::shared_ptr<const TlsServerContext>> make_tls_server_context(
    const TlsServerConfig& config) {
  if (!tls::initialise_library()) {
    return tls::config_error("start the TLS library: its random number generator cannot be seeded");
  }
  auto parts = read_parts(config);
  if (const Error* error = parts.if_error()) return *error;
  const auto context = std::make_shared<TlsServerContext>(std::move(*parts));
  if (const int code = context->configure(); code != 0) {
    return tls::config_error("configure the TLS library: " + tls::reason_of(code));
  }
  return std::shared_ptr<const TlsServerContext>(context);
}

}  // namespace xtrace
