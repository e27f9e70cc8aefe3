#pragma once

/// What libcurl's TLS handshakes agreed on, where its TLS library is OpenSSL:
/// `TracedCurlOptions{.tls_facts = curl_openssl_facts}`. Needs OpenSSL's headers and libssl, the
/// one that libcurl is linked with.

#include <string>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <xtrace/tls.h>

namespace xtrace {

/// Does nothing where libcurl speaks TLS with another library. `verified` says what OpenSSL did;
/// an application that turned CURLOPT_SSL_VERIFYHOST off has not had the name compared.
inline void curl_openssl_facts(const curl_tlssessioninfo& session, TlsInfo& info) {
  if (session.backend != CURLSSLBACKEND_OPENSSL) return;
  const SSL* const ssl = static_cast<const SSL*>(session.internals);
  info.version = SSL_get_version(ssl);
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(ssl);
  const char* const name = cipher != nullptr ? SSL_CIPHER_standard_name(cipher) : nullptr;
  if (name != nullptr) info.cipher = name;
  info.resumed = SSL_session_reused(ssl) == 1;
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &length);
  info.alpn.assign(protocol, protocol + length);
  info.verified =
      SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl) == X509_V_OK;
}

}  // namespace xtrace
