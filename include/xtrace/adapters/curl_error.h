#pragma once

/// What a `CURLcode` means in the words of `Error`: in which phase it happened, and which of our
/// codes it is. Part of adapters/curl.h.

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include <xtrace/error.h>

namespace xtrace {

/// How far a request came, and what libcurl knows about its end.
struct CurlFailure {
  CURLcode result = CURLE_OK;
  Phase phase = Phase::none;
  long system_error = 0;    ///< CURLINFO_OS_ERRNO
  long verification = 0;    ///< CURLINFO_SSL_VERIFYRESULT
  long proxy_status = 0;    ///< CURLINFO_HTTP_CONNECTCODE
  std::string_view text{};  ///< CURLOPT_ERRORBUFFER's; empty: `curl_easy_strerror`.
};

/// `text` without the userinfo and the query of each URL in it. A proxy's may have no scheme, and
/// any character in its password: what stands before the last `@` of a word goes.
inline std::string curl_text_without_secrets(std::string_view text) {
  constexpr std::string_view kBetween = " \t\r\n'\"<>";
  std::string kept;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find_first_not_of(kBetween), text.size());
    kept += text.substr(0, begin);
    text.remove_prefix(begin);
    std::string_view word = text.substr(0, text.find_first_of(kBetween));
    text.remove_prefix(word.size());
    const std::size_t scheme = word.find("://");
    const std::size_t at = word.rfind('@');
    const std::size_t query = word.find_first_of("?#");
    if (scheme != std::string_view::npos) kept += word.substr(0, scheme + 3);
    if (at != std::string_view::npos) {
      // Behind a `?` nobody knows whether it ends a password or is part of a query.
      if (query > at) kept += word.substr(at + 1, query - at - 1);
    } else if (scheme != std::string_view::npos) {
      kept += word.substr(scheme + 3, query > scheme ? query - scheme - 3 : 0);
    } else {
      kept += word;
    }
  }
  return kept;
}

inline Error::Code curl_timeout_code(Phase phase, std::string_view text) {
  using enum Error::Code;
  // CURLOPT_LOW_SPEED_LIMIT
  const bool is_stalled = text.find("too slow") != std::string_view::npos;
  switch (phase) {
    case Phase::queue:
      return pool_timeout;
    case Phase::dns:
      return dns_timeout;
    case Phase::dial:
    case Phase::connect:
      return connect_timeout;
    case Phase::proxy:
      return proxy_timeout;
    case Phase::tls:
      return tls_timeout;
    case Phase::request:
      return is_stalled ? send_stalled : call_timeout;
    case Phase::response:
      return is_stalled ? response_stalled : call_timeout;
    case Phase::body:
      return is_stalled ? body_stalled : call_timeout;
    default:
      return call_timeout;
  }
}

inline Error::Code curl_connect_code(long system_error) {
  using enum Error::Code;
  if (system_error == ECONNREFUSED) return connect_refused;
  if (system_error == ENETUNREACH || system_error == EHOSTUNREACH) return connect_unreachable;
  return system_error == ETIMEDOUT ? connect_timeout : connect_failed;
}

/// By the numbers that OpenSSL and its forks give verifications (X509_V_ERR_...); other libraries
/// give none, and the certificate counts as untrusted.
inline Error::Code curl_certificate_code(long verification, std::string_view text) {
  using enum Error::Code;
  if (text.find("subject name") != std::string_view::npos ||
      text.find("target host name") != std::string_view::npos) {
    return cert_wrong_host;
  }
  switch (verification) {
    case 9:
      return cert_not_yet_valid;
    case 10:
      return cert_expired;
    case 18:
      return cert_self_signed;
    case 23:
    case 26:
    case 66:
    case 67:
    case 68:
      return cert_invalid;
    case 62:
    case 64:
      return cert_wrong_host;
    default:
      return cert_untrusted;
  }
}

/// What broke once there was a connection, or while one was made.
inline Error::Code curl_broken_code(Phase phase) {
  using enum Error::Code;
  switch (phase) {
    case Phase::dns:
      return dns_failed;
    case Phase::dial:
    case Phase::connect:
      return connect_failed;
    case Phase::proxy:
      return proxy_failed;
    case Phase::tls:
      return tls_closed;
    case Phase::request:
      return send_failed;
    case Phase::body:
      return body_cut;
    default:
      return receive_failed;
  }
}

/// The codes that mean the same whatever the phase.
inline constexpr auto kCurlCodes = std::to_array<std::pair<CURLcode, Error::Code>>({
    {CURLE_UNSUPPORTED_PROTOCOL, Error::Code::unsupported_scheme},
    {CURLE_URL_MALFORMAT, Error::Code::invalid_url},
    {CURLE_COULDNT_RESOLVE_PROXY, Error::Code::proxy_not_found},
    {CURLE_COULDNT_RESOLVE_HOST, Error::Code::dns_not_found},
    {CURLE_PROXY, Error::Code::proxy_failed},
    {CURLE_SSL_CONNECT_ERROR, Error::Code::tls_handshake},
    {CURLE_SSL_CERTPROBLEM, Error::Code::tls_config},
    {CURLE_SSL_CIPHER, Error::Code::tls_config},
    {CURLE_SSL_CACERT_BADFILE, Error::Code::tls_config},
    {CURLE_GOT_NOTHING, Error::Code::empty_reply},
    {CURLE_WEIRD_SERVER_REPLY, Error::Code::not_http},
    {CURLE_PARTIAL_FILE, Error::Code::body_cut},
    {CURLE_BAD_CONTENT_ENCODING, Error::Code::body_undecodable},
    {CURLE_WRITE_ERROR, Error::Code::body_refused},
    {CURLE_FILESIZE_EXCEEDED, Error::Code::body_too_large},
    {CURLE_READ_ERROR, Error::Code::body_source_failed},
    {CURLE_SEND_FAIL_REWIND, Error::Code::body_not_repeatable},
    {CURLE_TOO_MANY_REDIRECTS, Error::Code::too_many_redirects},
    {CURLE_ABORTED_BY_CALLBACK, Error::Code::cancelled},
});

inline Error::Code curl_code(const CurlFailure& failure) {
  if (failure.phase == Phase::proxy && failure.proxy_status >= 300) {
    const bool is_denied = failure.proxy_status == 407 || failure.proxy_status == 403;
    return is_denied ? Error::Code::proxy_denied : Error::Code::proxy_refused;
  }
  if (failure.result == CURLE_COULDNT_CONNECT) return curl_connect_code(failure.system_error);
  if (failure.result == CURLE_OPERATION_TIMEDOUT) {
    return curl_timeout_code(failure.phase, failure.text);
  }
  if (failure.result == CURLE_PEER_FAILED_VERIFICATION) {
    return curl_certificate_code(failure.verification, failure.text);
  }
  for (const auto& [result, code] : kCurlCodes) {
    if (result == failure.result) return code;
  }
  return curl_broken_code(failure.phase);
}

/// `object` is whom it concerns, `127.0.0.1:443`.
inline Error curl_error(const CurlFailure& failure, std::string_view object) {
  const std::string_view text =
      failure.text.empty() ? std::string_view(curl_easy_strerror(failure.result)) : failure.text;
  std::string message(failure.phase == Phase::none ? std::string_view("ask")
                                                   : to_string(failure.phase));
  if (!object.empty()) message.append(" ").append(object);
  message += ": " + curl_text_without_secrets(text);
  message += " (libcurl " + std::to_string(failure.result) + ")";
  return {curl_code(failure), failure.phase, std::move(message)};
}

}  // namespace xtrace
