#pragma once

/// The TLS library, in whichever version is installed, and owners for its objects.
///
/// Written for mbedTLS 2.28 (at most TLS 1.2) and 3.x (TLS 1.3 as well). Only `net/tls*`, and the
/// servers of tests and examples, may include this; nothing above learns which library is below.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <mbedtls/asn1.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/version.h>
#include <mbedtls/x509.h>
#include <mbedtls/x509_crt.h>

#include <xtrace/tls.h>

namespace xtrace::tls {

/// The two sides of a connection.
enum class Side : unsigned char { client, server };

/// Initialises an object of the library and frees it.
template <class Object, void (*kInitialise)(Object*), void (*kFree)(Object*)>
class Owned {
 public:
  Owned() { kInitialise(&object_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { kFree(&object_); }

  Object* get() { return &object_; }
  const Object* get() const { return &object_; }
  Object* operator->() { return &object_; }
  const Object* operator->() const { return &object_; }

 private:
  Object object_;
};

using CertificateChain = Owned<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;
using PrivateKey = Owned<mbedtls_pk_context, mbedtls_pk_init, mbedtls_pk_free>;
using SslConfig = Owned<mbedtls_ssl_config, mbedtls_ssl_config_init, mbedtls_ssl_config_free>;
using SslContext = Owned<mbedtls_ssl_context, mbedtls_ssl_init, mbedtls_ssl_free>;
using SslSession = Owned<mbedtls_ssl_session, mbedtls_ssl_session_init, mbedtls_ssl_session_free>;

/// The kernel's random numbers, as the library asks for them: no seeding at the start, no state
/// that threads share or a fork copies.
int random_bytes(void* unused, unsigned char* output, std::size_t size);

/// Once per process, before anything else of the library is used.
bool initialise_library();

/// The versions this build of the library speaks.
#if defined(MBEDTLS_SSL_PROTO_TLS1)
inline constexpr TlsVersion kOldestVersion = TlsVersion::tls1_0;
#elif defined(MBEDTLS_SSL_PROTO_TLS1_1)
inline constexpr TlsVersion kOldestVersion = TlsVersion::tls1_1;
#else
inline constexpr TlsVersion kOldestVersion = TlsVersion::tls1_2;
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
inline constexpr TlsVersion kNewestVersion = TlsVersion::tls1_3;
#else
inline constexpr TlsVersion kNewestVersion = TlsVersion::tls1_2;
#endif

/// The library's words for one of its codes: `X509 - Certificate verification failed`.
std::string reason_of(int code);

/// A library's text is never trusted to be printable: what is not becomes `?`.
std::string printable(std::string_view text);

/// Parses the PEM text and adds it to `chain`. Returns the library's code, 0 for success.
int add_certificates(std::string_view pem, CertificateChain& chain);
int parse_private_key(std::string_view pem, PrivateKey& key);
/// Whether `key` is the private half of the chain's first certificate.
bool fits(const CertificateChain& chain, const PrivateKey& key);
/// Signs something with `key`, of which the library then keeps what it computed on the way. From
/// then on it only reads the key, and any number of threads may sign with it. Returns its code.
int sign_once(PrivateKey& key);

inline std::span<const unsigned char> bytes_of(const mbedtls_asn1_buf& buffer) {
  return {buffer.p, buffer.len};
}

inline std::string_view text_of(const mbedtls_asn1_buf& buffer) {
  return {reinterpret_cast<const char*>(buffer.p), buffer.len};
}

}  // namespace xtrace::tls
