#include "support/tls_certificates.h"

#include <array>
#include <optional>
#include <string_view>

#include <doctest/doctest.h>
#include <mbedtls/ecp.h>

#include <xtrace/address.h>

#include "net/tls_library.h"

namespace xtrace::testing {

namespace {

using Writer =
    tls::Owned<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;
using Number = tls::Owned<mbedtls_mpi, mbedtls_mpi_init, mbedtls_mpi_free>;

constexpr char kSequence = 0x30;
constexpr std::string_view kServerAuth = "\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x01";
constexpr std::string_view kClientAuth = "\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x02";

std::string der(char tag, std::string_view content) {
  std::string element(1, tag);
  if (content.size() >= 0x80) {
    REQUIRE(content.size() <= 0xFF);
    element += '\x81';
  }
  element += static_cast<char>(content.size());
  return element.append(content);
}

std::string address_bytes(const std::string& literal) {
  const auto address = Address::from_ip(literal, 0);
  REQUIRE(address.has_value());
  if (address->family() == Address::Family::ipv4) {
    const auto bytes = address->ipv4();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address->ipv6();
  return {bytes.begin(), bytes.end()};
}

void add_extension(Writer& writer, std::string_view oid, const std::string& value) {
  REQUIRE(mbedtls_x509write_crt_set_extension(writer.get(), oid.data(), oid.size(), 0,
                                              reinterpret_cast<const unsigned char*>(value.data()),
                                              value.size()) == 0);
}

void add_names(Writer& writer, const CertificateSpec& spec) {
  constexpr char kDnsName = '\x82';
  constexpr char kIpAddress = '\x87';
  std::string names;
  for (const auto& name : spec.dns_names) names += der(kDnsName, name);
  for (const auto& literal : spec.addresses) names += der(kIpAddress, address_bytes(literal));
  if (!names.empty()) add_extension(writer, MBEDTLS_OID_SUBJECT_ALT_NAME, der(kSequence, names));
}

void add_purpose(Writer& writer, const CertificateSpec& spec) {
  REQUIRE(mbedtls_x509write_crt_set_basic_constraints(writer.get(), spec.is_ca ? 1 : 0, -1) == 0);
  if (spec.is_ca) return;
  const unsigned int usage =
      spec.is_for_agreement ? MBEDTLS_X509_KU_KEY_AGREEMENT : MBEDTLS_X509_KU_DIGITAL_SIGNATURE;
  REQUIRE(mbedtls_x509write_crt_set_key_usage(writer.get(), usage) == 0);
  add_extension(writer, MBEDTLS_OID_EXTENDED_KEY_USAGE,
                der(kSequence, spec.is_for_clients ? kClientAuth : kServerAuth));
}

void generate(tls::PrivateKey& key) {
  REQUIRE(mbedtls_pk_setup(key.get(), mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0);
  REQUIRE(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key.get()),
                              tls::random_bytes, nullptr) == 0);
}

std::string key_pem(tls::PrivateKey& key) {
  std::array<unsigned char, 2048> text{};
  REQUIRE(mbedtls_pk_write_key_pem(key.get(), text.data(), text.size()) == 0);
  return reinterpret_cast<const char*>(text.data());
}

void set_serial(Writer& writer) {
  std::array<unsigned char, 8> random{};
  REQUIRE(tls::random_bytes(nullptr, random.data(), random.size()) == 0);
  random[0] &= 0x7F;
  Number serial;
  REQUIRE(mbedtls_mpi_read_binary(serial.get(), random.data(), random.size()) == 0);
  REQUIRE(mbedtls_x509write_crt_set_serial(writer.get(), serial.get()) == 0);
}

std::string sign(const CertificateSpec& spec, tls::PrivateKey& key, const std::string& issuer_name,
                 tls::PrivateKey& issuer_key) {
  Writer writer;
  const std::string subject = "CN=" + spec.common_name + ",O=xtrace tests";
  mbedtls_x509write_crt_set_version(writer.get(), MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(writer.get(),
                                   spec.has_weak_hash ? MBEDTLS_MD_SHA1 : MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(writer.get(), key.get());
  mbedtls_x509write_crt_set_issuer_key(writer.get(), issuer_key.get());
  REQUIRE(mbedtls_x509write_crt_set_subject_name(writer.get(), subject.c_str()) == 0);
  REQUIRE(mbedtls_x509write_crt_set_issuer_name(
              writer.get(), issuer_name.empty() ? subject.c_str() : issuer_name.c_str()) == 0);
  REQUIRE(mbedtls_x509write_crt_set_validity(writer.get(), spec.not_before.c_str(),
                                             spec.not_after.c_str()) == 0);
  set_serial(writer);
  add_purpose(writer, spec);
  add_names(writer, spec);
  std::array<unsigned char, 4096> text{};
  REQUIRE(mbedtls_x509write_crt_pem(writer.get(), text.data(), text.size(), tls::random_bytes,
                                    nullptr) == 0);
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

Identity issue(const CertificateSpec& spec, const Identity& issuer) {
  tls::CertificateChain issuer_chain;
  tls::PrivateKey issuer_key;
  REQUIRE(tls::add_certificates(issuer.certificate, issuer_chain) == 0);
  REQUIRE(tls::parse_private_key(issuer.key, issuer_key) == 0);
  std::array<char, 256> issuer_name{};
  REQUIRE(mbedtls_x509_dn_gets(issuer_name.data(), issuer_name.size(), &issuer_chain->subject) > 0);

  tls::PrivateKey key;
  generate(key);
  return {sign(spec, key, issuer_name.data(), issuer_key), key_pem(key)};
}

Identity self_sign(const CertificateSpec& spec) {
  tls::PrivateKey key;
  generate(key);
  return {sign(spec, key, "", key), key_pem(key)};
}

std::string encrypted_key() {
  tls::PrivateKey key;
  generate(key);
  std::string pem = key_pem(key);
  const std::size_t first_line = pem.find('\n') + 1;
  return pem.insert(first_line,
                    "Proc-Type: 4,ENCRYPTED\n"
                    "DEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n\n");
}

}  // namespace xtrace::testing
