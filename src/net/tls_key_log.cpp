#include "net/tls_key_log.h"

#include <cerrno>

#include <fcntl.h>

#include "net/system_error.h"

namespace xtrace::tls {

namespace {

constexpr std::size_t kRandomSize = 32;

void append_hex(std::span<const unsigned char> bytes, std::string& line) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned char byte : bytes) {
    line += kDigits[byte >> 4U];
    line += kDigits[byte & 0xFU];
  }
}

#if MBEDTLS_VERSION_MAJOR >= 3

std::string_view label_of(mbedtls_ssl_key_export_type kind) {
  switch (kind) {
    case MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET:
      return "CLIENT_RANDOM";
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_EARLY_SECRET:
      return "CLIENT_EARLY_TRAFFIC_SECRET";
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET:
      return "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET:
      return "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET:
      return "CLIENT_TRAFFIC_SECRET_0";
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET:
      return "SERVER_TRAFFIC_SECRET_0";
#endif
    default:
      return {};
  }
}

void export_secret(void* log, mbedtls_ssl_key_export_type kind, const unsigned char* secret,
                   std::size_t size, const unsigned char* client_random,
                   const unsigned char* /*server_random*/, mbedtls_tls_prf_types /*prf*/) {
  const std::string_view label = label_of(kind);
  if (label.empty()) return;
  static_cast<KeyLog*>(log)->append(label, {client_random, kRandomSize}, {secret, size});
}

#else

int export_master(void* log, const unsigned char* master, const unsigned char* /*key_block*/,
                  std::size_t /*mac_size*/, std::size_t /*key_size*/, std::size_t /*iv_size*/,
                  const unsigned char* client_random, const unsigned char* /*server_random*/,
                  mbedtls_tls_prf_types /*prf*/) {
  constexpr std::size_t kMasterSize = 48;
  static_cast<KeyLog*>(log)->append("CLIENT_RANDOM", {client_random, kRandomSize},
                                    {master, kMasterSize});
  return 0;
}

#endif

}  // namespace

Expected<std::unique_ptr<KeyLog>> KeyLog::open(const std::string& path) {
  constexpr mode_t kForOwnerAlone = 0600;
  Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, kForOwnerAlone));
  if (!file.is_open()) {
    return Error{Error::Code::tls_config, Phase::none,
                 system_message("open the key log file", path, errno)};
  }
  return std::make_unique<KeyLog>(std::move(file));
}

#if MBEDTLS_VERSION_MAJOR >= 3

void KeyLog::attach(KeyLog& /*log*/, mbedtls_ssl_config& /*config*/) {}

void KeyLog::attach(KeyLog& log, mbedtls_ssl_context& ssl) {
  mbedtls_ssl_set_export_keys_cb(&ssl, export_secret, &log);
}

#else

void KeyLog::attach(KeyLog& log, mbedtls_ssl_config& config) {
  mbedtls_ssl_conf_export_keys_ext_cb(&config, export_master, &log);
}

void KeyLog::attach(KeyLog& /*log*/, mbedtls_ssl_context& /*ssl*/) {}

#endif

void KeyLog::append(std::string_view label, std::span<const unsigned char> client_random,
                    std::span<const unsigned char> secret) {
  std::string line;
  line.reserve(label.size() + 2 * (client_random.size() + secret.size()) + 3);
  line.append(label) += ' ';
  append_hex(client_random, line);
  line += ' ';
  append_hex(secret, line);
  line += '\n';
  static_cast<void>(!::write(file_.get(), line.data(), line.size()));
}

}  // namespace xtrace::tls
