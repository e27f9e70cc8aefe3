#include "net/tls_files.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#include "net/system_error.h"

namespace xtrace::tls {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error cannot_read(std::string_view role, const std::string& path, int error_number) {
  return config_error(system_message("read the " + std::string(role), path, error_number));
}

std::string reason_of_certificate(int code, const std::string& pem) {
  const bool has_any = pem.find("-----BEGIN CERTIFICATE-----") != std::string::npos;
  return has_any ? reason_of(code) : "it holds no certificate in PEM form";
}

std::string reason_of_key(int code) {
  switch (code) {
    case MBEDTLS_ERR_PK_PASSWORD_REQUIRED:
    case MBEDTLS_ERR_PK_PASSWORD_MISMATCH:
      return "it is encrypted, and only keys without a passphrase can be used";
    case MBEDTLS_ERR_PK_KEY_INVALID_FORMAT:
      return "it holds no private key in PEM form";
    default:
      return reason_of(code);
  }
}

}  // namespace

Error config_error(std::string message) {
  return {Error::Code::tls_config, Phase::none, std::move(message)};
}

Error cannot_use(std::string_view role, const std::string& path, std::string_view reason) {
  return config_error("use the " + std::string(role) + " " + path + ": " + std::string(reason));
}

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

Expected<TrustStore> read_trust_file(std::string_view role, const std::string& path) {
  auto pem = read_file(role, path);
  if (const Error* error = pem.if_error()) return *error;
  TrustStore store(std::move(*pem));
  if (const auto defect = store.first_defect(); !defect.empty()) {
    return cannot_use(role, path, defect);
  }
  if (store.size() == 0) return cannot_use(role, path, "it holds no certificate in PEM form");
  return store;
}

Expected<std::unique_ptr<Identity>> read_identity(const IdentityFiles& files) {
  const std::string certificate_role = std::string(files.owner) + " certificate";
  const std::string key_role = std::string(files.owner) + " key";
  const std::string& key_file = files.key.empty() ? files.certificate : files.key;
  if (files.certificate.empty()) {
    return cannot_use(key_role, key_file, "a key needs its certificate, and none is configured");
  }
  const auto certificate = read_file(certificate_role, files.certificate);
  if (const Error* error = certificate.if_error()) return *error;
  const auto key = read_file(key_role, key_file);
  if (const Error* error = key.if_error()) return *error;

  auto identity = std::make_unique<Identity>();
  if (const int code = add_certificates(*certificate, identity->chain); code != 0) {
    return cannot_use(certificate_role, files.certificate,
                      reason_of_certificate(code, *certificate));
  }
  if (const int code = parse_private_key(*key, identity->key); code != 0) {
    return cannot_use(key_role, key_file, reason_of_key(code));
  }
  if (!fits(identity->chain, identity->key)) {
    return cannot_use(key_role, key_file,
                      "it is not the key of the certificate " + files.certificate);
  }
  if (const int code = sign_once(identity->key); code != 0) {
    return cannot_use(key_role, key_file, reason_of(code));
  }
  return identity;
}

}  // namespace xtrace::tls
