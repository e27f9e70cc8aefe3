#include "support/tls_server.h"

#include <algorithm>
#include <array>
#include <utility>

#include <doctest/doctest.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ticket.h>

#include "net/tls_library.h"
#include "net/tls_names.h"

namespace xtrace::testing {

struct TlsServerMemory::Library {
  tls::Owned<mbedtls_ssl_ticket_context, mbedtls_ssl_ticket_init, mbedtls_ssl_ticket_free> tickets;
  tls::Owned<mbedtls_ssl_cache_context, mbedtls_ssl_cache_init, mbedtls_ssl_cache_free> sessions;
};

TlsServerMemory::TlsServerMemory(Names names, std::chrono::seconds lifetime)
    : names_(names), library_(std::make_unique<Library>()) {
  REQUIRE(mbedtls_ssl_ticket_setup(library_->tickets.get(), tls::random_bytes, nullptr,
                                   MBEDTLS_CIPHER_AES_256_GCM,
                                   static_cast<std::uint32_t>(lifetime.count())) == 0);
}

TlsServerMemory::~TlsServerMemory() = default;

struct TlsServer::Library {
  std::shared_ptr<TlsServerMemory> memory;
  tls::CertificateChain chain;
  tls::PrivateKey key;
  tls::CertificateChain client_ca;
  std::vector<std::string> protocol_texts;
  std::vector<const char*> protocols;
  tls::SslConfig config;
  tls::SslContext ssl;
  std::string input;
  std::string output;

  static int send(void* library, const unsigned char* bytes, std::size_t size) {
    static_cast<Library*>(library)->output.append(reinterpret_cast<const char*>(bytes), size);
    return static_cast<int>(size);
  }

  static int receive(void* library, unsigned char* into, std::size_t size) {
    std::string& input = static_cast<Library*>(library)->input;
    if (input.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
    const std::size_t count = std::min(size, input.size());
    std::copy_n(input.begin(), count, into);
    input.erase(0, count);
    return static_cast<int>(count);
  }

  static int note_server_name(void* server, mbedtls_ssl_context* /*ssl*/, const unsigned char* name,
                              std::size_t size) {
    static_cast<TlsServer*>(server)->server_name.assign(reinterpret_cast<const char*>(name), size);
    return 0;
  }

  void demand_certificate(const std::string& ca) {
    REQUIRE(tls::add_certificates(ca, client_ca) == 0);
    mbedtls_ssl_conf_ca_chain(config.get(), client_ca.get(), nullptr);
    mbedtls_ssl_conf_authmode(config.get(), MBEDTLS_SSL_VERIFY_REQUIRED);
  }

  void remember(std::shared_ptr<TlsServerMemory> shared) {
    memory = std::move(shared);
    if (memory->names_ == TlsServerMemory::Names::tickets) {
      mbedtls_ssl_conf_session_tickets_cb(config.get(), mbedtls_ssl_ticket_write,
                                          mbedtls_ssl_ticket_parse,
                                          memory->library_->tickets.get());
    } else {
      mbedtls_ssl_conf_session_cache(config.get(), memory->library_->sessions.get(),
                                     mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
    }
  }

  void negotiate(const std::vector<std::string>& names) {
    protocol_texts = names;
    for (const auto& name : protocol_texts) protocols.push_back(name.c_str());
    protocols.push_back(nullptr);
    REQUIRE(mbedtls_ssl_conf_alpn_protocols(config.get(), protocols.data()) == 0);
  }
};

TlsServer::TlsServer(const TlsServerOptions& options) : library_(std::make_unique<Library>()) {
  Library& own = *library_;
  REQUIRE(tls::initialise_library());
  REQUIRE(tls::add_certificates(options.identity.certificate, own.chain) == 0);
  REQUIRE(tls::parse_private_key(options.identity.key, own.key) == 0);
  REQUIRE(mbedtls_ssl_config_defaults(own.config.get(), MBEDTLS_SSL_IS_SERVER,
                                      MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT) == 0);
  mbedtls_ssl_conf_rng(own.config.get(), tls::random_bytes, nullptr);
  mbedtls_ssl_conf_sni(own.config.get(), Library::note_server_name, this);
  REQUIRE(mbedtls_ssl_conf_own_cert(own.config.get(), own.chain.get(), own.key.get()) == 0);
  if (!options.client_ca.empty()) own.demand_certificate(options.client_ca);
  if (options.memory) own.remember(options.memory);
  if (!options.protocols.empty()) own.negotiate(options.protocols);
#if MBEDTLS_VERSION_MAJOR < 3
  if (options.is_old) {
    mbedtls_ssl_conf_max_version(own.config.get(), MBEDTLS_SSL_MAJOR_VERSION_3,
                                 MBEDTLS_SSL_MINOR_VERSION_2);
  }
#else
  REQUIRE_FALSE(options.is_old);
#endif
  REQUIRE(mbedtls_ssl_setup(own.ssl.get(), own.config.get()) == 0);
  mbedtls_ssl_set_bio(own.ssl.get(), &own, Library::send, Library::receive, nullptr);
}

TlsServer::~TlsServer() = default;

void TlsServer::receive(std::string_view bytes) {
  library_->input += bytes;
  if (!failure) go_on();
}

std::string TlsServer::take_output() {
  return std::exchange(library_->output, {});
}

void TlsServer::send(std::string_view plain) {
  while (!plain.empty()) {
    const int count = mbedtls_ssl_write(
        library_->ssl.get(), reinterpret_cast<const unsigned char*>(plain.data()), plain.size());
    REQUIRE(count > 0);
    plain.remove_prefix(static_cast<std::size_t>(count));
  }
}

void TlsServer::send_close_notify() {
  REQUIRE(mbedtls_ssl_close_notify(library_->ssl.get()) == 0);
}

void TlsServer::send_alert(int alert) {
  REQUIRE(mbedtls_ssl_send_alert_message(library_->ssl.get(), MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                         static_cast<unsigned char>(alert)) == 0);
}

void TlsServer::go_on() {
  auto* ssl = library_->ssl.get();
  if (!is_shaken) {
    const int code = mbedtls_ssl_handshake(ssl);
    if (code == MBEDTLS_ERR_SSL_WANT_READ) return;
    if (code != 0) {
      failure = code;
      return;
    }
    is_shaken = true;
    if (const auto* peer = mbedtls_ssl_get_peer_cert(ssl); peer != nullptr) {
      client_subject = tls::to_string(peer->subject);
    }
  }
  std::array<unsigned char, 16384> piece{};
  while (true) {
    const int code = mbedtls_ssl_read(ssl, piece.data(), piece.size());
    if (code == MBEDTLS_ERR_SSL_WANT_READ) return;
    if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
      got_close_notify = true;
      return;
    }
    if (code <= 0) {
      failure = code;
      return;
    }
    received.append(reinterpret_cast<const char*>(piece.data()), static_cast<std::size_t>(code));
  }
}

}  // namespace xtrace::testing
