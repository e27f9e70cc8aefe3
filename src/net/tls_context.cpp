#include "net/tls_context.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "net/system_error.h"
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

Error config_error(std::string message) {
  return {Error::Code::tls_config, Phase::none, std::move(message)};
}

Error cannot_read(std::string_view role, const std::string& path, int error_number) {
  return config_error(system_message("read the " + std::string(role), path, error_number));
}

Error cannot_use(std::string_view role, const std::string& path, std::string_view reason) {
  return config_error("use the " + std::string(role) + " " + path + ": " + std::string(reason));
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// `role` is what the file is to the user: `CA file`.
Expected<std::string> read_file(std::string_view role, const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return cannot_read(role, path, errno);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  std::string content;
  std::size_t filled = 0;
  while (std::feof(file.get()) == 0) {
    content.resize(filled + std::size_t{256} * 1024);
    filled += std::fread(content.data() + filled, 1, content.size() - filled, file.get());
    if (std::ferror(file.get()) != 0) return cannot_read(role, path, errno);
  }
  content.resize(filled);
  content.shrink_to_fit();  // a trust store is kept as it is
  return content;
}

Expected<tls::TrustStore> read_ca_file(const std::string& path) {
  constexpr std::string_view kRole = "CA file";
  auto pem = read_file(kRole, path);
  if (const Error* error = pem.if_error()) return *error;
  tls::TrustStore store(std::move(*pem));
  if (const auto defect = store.first_defect(); !defect.empty()) {
    return cannot_use(kRole, path, defect);
  }
  if (store.size() == 0) return cannot_use(kRole, path, "it holds no certificate in PEM form");
  return store;
}

// One unreadable certificate among the system's 150 does not make the others useless.
Expected<tls::TrustStore> read_system_store() {
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen != nullptr && *chosen != '\0') {
    constexpr std::string_view kRole = "trust store of SSL_CERT_FILE";
    auto pem = read_file(kRole, chosen);
    if (const Error* error = pem.if_error()) return *error;
    tls::TrustStore store(std::move(*pem));
    if (store.size() == 0) return cannot_use(kRole, chosen, "it holds no certificate in PEM form");
    return store;
  }
  for (const char* path : kSystemStores) {
    auto pem = read_file("trust store", path);
    if (!pem) continue;
    tls::TrustStore store(std::move(*pem));
    if (store.size() != 0) return store;
  }
  return config_error(
      "find the system's trust store: there is none at the usual places (such as " +
      std::string(kSystemStores.front()) +
      "); install the package ca-certificates, or name a file with SSL_CERT_FILE or a CA option");
}

Expected<tls::TrustStore> read_trust(const TlsConfig& config) {
  if (!config.ca_file.empty()) return read_ca_file(config.ca_file);
  if (config.accept_any_certificate) return tls::TrustStore();
  return read_system_store();
}

std::string_view reason_of_key(int code) {
  switch (code) {
    case MBEDTLS_ERR_PK_PASSWORD_REQUIRED:
    case MBEDTLS_ERR_PK_PASSWORD_MISMATCH:
      return "it is encrypted, and only keys without a passphrase can be used";
    case MBEDTLS_ERR_PK_KEY_INVALID_FORMAT:
      return "it holds no private key in PEM form";
    default:
      return {};
  }
}

Expected<std::unique_ptr<ClientIdentity>> read_identity(const TlsConfig& config) {
  constexpr std::string_view kCertificateRole = "client certificate";
  constexpr std::string_view kKeyRole = "client key";
  const std::string& key_file = config.key_file.empty() ? config.certificate_file : config.key_file;
  if (config.certificate_file.empty()) {
    return cannot_use(kKeyRole, key_file, "a key needs its certificate, and none is configured");
  }
  const auto certificate = read_file(kCertificateRole, config.certificate_file);
  if (const Error* error = certificate.if_error()) return *error;
  const auto key = read_file(kKeyRole, key_file);
  if (const Error* error = key.if_error()) return *error;

  auto identity = std::make_unique<ClientIdentity>();
  if (const int code = tls::add_certificates(*certificate, identity->chain); code != 0) {
    const bool has_any = certificate->find("-----BEGIN CERTIFICATE-----") != std::string::npos;
    return cannot_use(kCertificateRole, config.certificate_file,
                      has_any ? tls::reason_of(code) : "it holds no certificate in PEM form");
  }
  if (const int code = tls::parse_private_key(*key, identity->key); code != 0) {
    const std::string_view reason = reason_of_key(code);
    return cannot_use(kKeyRole, key_file, reason.empty() ? tls::reason_of(code) : reason);
  }
  if (!tls::fits(identity->chain, identity->key)) {
    return cannot_use(kKeyRole, key_file,
                      "it is not the key of the certificate " + config.certificate_file);
  }
  if (const int code = tls::sign_once(identity->key); code != 0) {
    return cannot_use(kKeyRole, key_file, tls::reason_of(code));
  }
  return identity;
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
    auto identity = read_identity(config);
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

TlsContext::TlsContext(Parts parts) : parts_(std::move(parts)) {
  for (const auto& name : parts_.offer.protocols) protocols_.push_back(name.c_str());
  protocols_.push_back(nullptr);
}

TlsContext::~TlsContext() = default;

int TlsContext::configure() {
  mbedtls_ssl_config& config = *config_.get();
  if (const int code = tls::configure(config, parts_.offer); code != 0) return code;
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
    return config_error("start the TLS library: its random number generator cannot be seeded");
  }
  auto parts = read_parts(config);
  if (const Error* error = parts.if_error()) return *error;
  const auto context = std::make_shared<TlsContext>(std::move(*parts));
  if (const int code = context->configure(); code != 0) {
    return config_error("configure the TLS library: " + tls::reason_of(code));
  }
  return std::shared_ptr<const TlsContext>(context);
}

}  // namespace xtrace
