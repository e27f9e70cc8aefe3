#include "net/tls_context.h"

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "net/tls_files.h"
#include "net/tls_settings.h"

namespace xtrace {

namespace {

constexpr std::array kSystemStores = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, Red Hat
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // CentOS
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/ssl/cert.pem",                                  // the BSDs, macOS
    "/usr/local/etc/ssl/cert.pem",                        // FreeBSD
};

// One unreadable certificate among the system's 150 does not make the others useless.
Expected<tls::TrustStore> read_system_store() {
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen != nullptr && *chosen != '\0') {
    constexpr std::string_view kRole = "trust store of SSL_CERT_FILE";
    auto pem = tls::read_file(kRole, chosen);
    if (const Error* error = pem.if_error()) return *error;
    tls::TrustStore store(std::move(*pem));
    if (store.size() == 0)
      return tls::cannot_use(kRole, chosen, "it holds no certificate in PEM form");
    return store;
  }
  for (const char* path : kSystemStores) {
    auto pem = tls::read_file("trust store", path);
    if (!pem) continue;
    tls::TrustStore store(std::move(*pem));
    if (store.size() != 0) return store;
  }
  return tls::config_error(
      "find the system's trust store: there is none at the usual places (such as " +
      std::string(kSystemStores.front()) +
      "); install the package ca-certificates, or name a file with SSL_CERT_FILE or a CA option");
}

Expected<tls::TrustStore> read_trust(const TlsConfig& config) {
  if (!config.ca_file.empty()) return tls::read_trust_file("CA file", config.ca_file);
  if (config.accept_any_certificate) return tls::TrustStore();
  return read_system_store();
}

Expected<TlsContext::Parts> read_parts(const TlsConfig& config) {
  TlsContext::Parts parts;
  auto offer = tls::make_offer(config);
  if (const Error* error = offer.if_error()) return *error;
  parts.offer = std::move(*offer);
  auto trust = read_trust(config);
  if (const Error* error = trust.if_error()) return *error;
  parts.trust = std::move(*trust);
  parts.accepts_any_certificate = config.accept_any_certificate;
  parts.resumes_sessions = config.resumes_sessions;
  if (!config.certificate_file.empty() || !config.key_file.empty()) {
    auto identity = tls::read_identity(
        {.owner = "client", .certificate = config.certificate_file, .key = config.key_file});
    if (const Error* error = identity.if_error()) return *error;
    parts.identity = std::move(*identity);
  }
  if (!config.key_log_file.empty()) {
    auto key_log = tls::KeyLog::open(config.key_log_file);
    if (const Error* error = key_log.if_error()) return *error;
    parts.key_log = std::move(*key_log);
  }
  return parts;
}

}  // namespace

TlsContext::TlsContext(Parts parts)
    : parts_(std::move(parts)), protocols_(tls::protocol_names(parts_.offer)) {}

TlsContext::~TlsContext() = default;

int TlsContext::configure() {
  mbedtls_ssl_config& config = *config_.get();
  if (const int code = tls::configure(config, tls::Side::client, parts_.offer); code != 0)
    return code;
  tls::allow_tickets(config, parts_.resumes_sessions);
  if (parts_.key_log) tls::KeyLog::attach(*parts_.key_log, config);
  if (!parts_.offer.protocols.empty()) {
    const int code = mbedtls_ssl_conf_alpn_protocols(&config, protocols_.data());
    if (code != 0) return code;
  }
  if (!parts_.identity) return 0;
  return mbedtls_ssl_conf_own_cert(&config, parts_.identity->chain.get(),
                                   parts_.identity->key.get());
}

Expected<std::shared_ptr<const TlsContext>> make_tls_context(const TlsConfig& config) {
  if (!tls::initialise_library()) {
    return tls::config_error("start the TLS library: its random number generator cannot be seeded");
  }
  auto parts = read_parts(config);
  if (const Error* error = parts.if_error()) return *error;
  const auto context = std::make_shared<TlsContext>(std::move(*parts));
  if (const int code = context->configure(); code != 0) {
    return tls::config_error("configure the TLS library: " + tls::reason_of(code));
  }
  return std::shared_ptr<const TlsContext>(context);
}

}  // namespace xtrace
