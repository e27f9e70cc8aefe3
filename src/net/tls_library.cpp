#include "net/tls_library.h"

#include <algorithm>
#include <array>
#include <mutex>

#include <unistd.h>

#if MBEDTLS_VERSION_MAJOR >= 3
#include <psa/crypto.h>
#endif

namespace xtrace::tls {

namespace {

constexpr std::size_t kMostEntropyPerCall = 256;  // getentropy(3) refuses more

// The library parses PEM only with its terminating zero counted in.
const unsigned char* bytes_with_zero(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.c_str());
}

}  // namespace

int random_bytes(void* /*unused*/, unsigned char* output, std::size_t size) {
  while (size > 0) {
    const std::size_t piece = std::min(size, kMostEntropyPerCall);
    if (getentropy(output, piece) != 0) return MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
    output += piece;
    size -= piece;
  }
  return 0;
}

bool initialise_library() {
#if MBEDTLS_VERSION_MAJOR >= 3
  static const bool is_ready = psa_crypto_init() == PSA_SUCCESS;
  return is_ready;
#else
  return true;
#endif
}

std::string reason_of(int code) {
  std::array<char, 160> text{};
  mbedtls_strerror(code, text.data(), text.size());
  return text.data();
}

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

int add_certificates(std::string_view pem, CertificateChain& chain) {
  const std::string text(pem);
  return mbedtls_x509_crt_parse(chain.get(), bytes_with_zero(text), text.size() + 1);
}

int parse_private_key(std::string_view pem, PrivateKey& key) {
  const std::string text(pem);
#if MBEDTLS_VERSION_MAJOR >= 3
  return mbedtls_pk_parse_key(key.get(), bytes_with_zero(text), text.size() + 1, nullptr, 0,
                              random_bytes, nullptr);
#else
  return mbedtls_pk_parse_key(key.get(), bytes_with_zero(text), text.size() + 1, nullptr, 0);
#endif
}

bool fits(const CertificateChain& chain, const PrivateKey& key) {
#if MBEDTLS_VERSION_MAJOR >= 3
  return mbedtls_pk_check_pair(&chain->pk, key.get(), random_bytes, nullptr) == 0;
#else
  return mbedtls_pk_check_pair(&chain->pk, key.get()) == 0;
#endif
}

int sign_once(PrivateKey& key) {
  const std::array<unsigned char, 32> hash{};
  std::array<unsigned char, MBEDTLS_PK_SIGNATURE_MAX_SIZE> signature{};
  std::size_t size = 0;
#if MBEDTLS_VERSION_MAJOR >= 3
  return mbedtls_pk_sign(key.get(), MBEDTLS_MD_SHA256, hash.data(), hash.size(), signature.data(),
                         signature.size(), &size, random_bytes, nullptr);
#else
  return mbedtls_pk_sign(key.get(), MBEDTLS_MD_SHA256, hash.data(), hash.size(), signature.data(),
                         &size, random_bytes, nullptr);
#endif
}

}  // namespace xtrace::tls
