#include "scripted_server/tls_identity.h"

#include <array>
#include <cstdint>
#include <string_view>

#include <mbedtls/ecp.h>

#include "scripted_server/tls_library.h"

namespace xtrace::examples {

namespace {

using Writer =
    tls::Owned<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;
using Number = tls::Owned<mbedtls_mpi, mbedtls_mpi_init, mbedtls_mpi_free>;

/// SubjectAltName: a sequence of the one IP address 127.0.0.1.
constexpr std::array<unsigned char, 8> kLoopback = {0x30, 0x06, 0x87, 0x04, 127, 0, 0, 1};
constexpr std::string_view kAlternativeName = MBEDTLS_OID_SUBJECT_ALT_NAME;

int generate(tls::PrivateKey& key) {
  const int code = mbedtls_pk_setup(key.get(), mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (code != 0) return code;
  return mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key.get()), tls::random_bytes,
                             nullptr);
}

int set_serial(Writer& writer) {
  std::array<unsigned char, 8> random{};
  if (const int code = tls::random_bytes(nullptr, random.data(), random.size())) return code;
  random[0] &= 0x7F;  // a serial number is positive
  Number serial;
  if (const int code = mbedtls_mpi_read_binary(serial.get(), random.data(), random.size())) {
    return code;
  }
  return mbedtls_x509write_crt_set_serial(writer.get(), serial.get());
}

int describe(Writer& writer) {
  constexpr const char* kName = "CN=127.0.0.1,O=xtrace examples";
  mbedtls_x509write_crt_set_version(writer.get(), MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(writer.get(), MBEDTLS_MD_SHA256);
  if (const int code = mbedtls_x509write_crt_set_subject_name(writer.get(), kName)) return code;
  if (const int code = mbedtls_x509write_crt_set_issuer_name(writer.get(), kName)) return code;
  if (const int code =
          mbedtls_x509write_crt_set_validity(writer.get(), "20200101000000", "20991231235959")) {
    return code;
  }
  if (const int code = set_serial(writer)) return code;
  return mbedtls_x509write_crt_set_extension(writer.get(), kAlternativeName.data(),
                                             kAlternativeName.size(), 0, kLoopback.data(),
                                             kLoopback.size());
}

}  // namespace

Expected<std::unique_ptr<TlsIdentity>> TlsIdentity::make() {
  const auto failed = [](const std::string& reason) {
    return Error{Error::Code::system, Phase::tls, "make a certificate for 127.0.0.1: " + reason};
  };
  if (!tls::initialise_library()) return failed("the TLS library does not start");
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity());
  if (const int code = identity->sign()) return failed(tls::reason_of(code));
  if (const int code = identity->configure()) return failed(tls::reason_of(code));
  return identity;
}

TlsIdentity::TlsIdentity() : library_(std::make_unique<Library>()) {}

TlsIdentity::~TlsIdentity() = default;

int TlsIdentity::sign() {
  if (const int code = generate(library_->key)) return code;
  Writer writer;
  mbedtls_x509write_crt_set_subject_key(writer.get(), library_->key.get());
  mbedtls_x509write_crt_set_issuer_key(writer.get(), library_->key.get());
  if (const int code = describe(writer)) return code;
  std::array<unsigned char, 4096> text{};
  if (const int code = mbedtls_x509write_crt_pem(writer.get(), text.data(), text.size(),
                                                 tls::random_bytes, nullptr)) {
    return code;
  }
  certificate_ = reinterpret_cast<const char*>(text.data());
  // The library completes a key when it is first used to sign; threads that share it only read.
  if (const int code = tls::sign_once(library_->key)) return code;
  return tls::add_certificates(certificate_, library_->chain);
}

int TlsIdentity::configure() {
  mbedtls_ssl_config* config = library_->config.get();
  if (const int code =
          mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT)) {
    return code;
  }
  mbedtls_ssl_conf_rng(config, tls::random_bytes, nullptr);
  constexpr std::uint32_t kLifetimeSeconds = 3600;
  mbedtls_ssl_ticket_context* tickets = library_->tickets.get();
  if (const int code = mbedtls_ssl_ticket_setup(tickets, tls::random_bytes, nullptr,
                                                MBEDTLS_CIPHER_AES_256_GCM, kLifetimeSeconds)) {
    return code;
  }
  mbedtls_ssl_conf_session_tickets_cb(config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                      tickets);
  return mbedtls_ssl_conf_own_cert(config, library_->chain.get(), library_->key.get());
}

}  // namespace xtrace::examples
