#pragma once

/// What libcurl's own clocks say about a transfer, and what they mean for one request of it.
///
/// A transfer may be several physical requests: redirects, authentication, a reused connection that
/// turned out to be dead. libcurl adds the times of all of them up: CURLINFO_CONNECT_TIME_T after
/// one redirect is how long the first request took to connect plus how long the second one did,
/// each from its own start. Read once at the end such sums cannot be taken apart; read each time a
/// request is ready to be sent (CURLOPT_PREREQFUNCTION) they can. Part of adapters/curl.h.

#include <algorithm>
#include <chrono>
#include <string_view>

#include <curl/curl.h>

#include <xtrace/clock.h>

#if LIBCURL_VERSION_NUM < 0x075000
#error "xtrace/adapters/curl.h needs libcurl 7.80 or newer"
#endif

namespace xtrace {

/// All zero before anything happened.
struct CurlProgress {
  Duration lookup{};      ///< CURLINFO_NAMELOOKUP_TIME_T
  Duration connect{};     ///< CURLINFO_CONNECT_TIME_T: TCP, to the server or to the proxy.
  Duration handshake{};   ///< CURLINFO_APPCONNECT_TIME_T: TLS with the server.
  Duration head_sent{};   ///< CURLINFO_PRETRANSFER_TIME_T: the kernel has the request's head.
  Duration body_sent{};   ///< CURLINFO_POSTTRANSFER_TIME_T; zero before libcurl 8.10.
  Duration first_byte{};  ///< CURLINFO_STARTTRANSFER_TIME_T
  Duration redirect{};    ///< CURLINFO_REDIRECT_TIME_T: when the request before ended; no sum.
  Duration total{};       ///< CURLINFO_TOTAL_TIME_T; no sum either.
  long connects = 0;      ///< TCP connections that were made.
  long redirects = 0;     ///< Answers that were followed.
  long header_bytes = 0;  ///< Of answers.
  long proxy_status = 0;  ///< What the proxy answered to CONNECT; 0 where nobody was asked.
};

inline Duration curl_duration(CURL* handle, CURLINFO what) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle, what, &microseconds);
  return std::chrono::microseconds(microseconds);
}

inline long curl_number(CURL* handle, CURLINFO what) {
  long number = 0;
  curl_easy_getinfo(handle, what, &number);
  return number;
}

/// -1 where libcurl does not know.
inline curl_off_t curl_size(CURL* handle, CURLINFO what) {
  curl_off_t size = -1;
  curl_easy_getinfo(handle, what, &size);
  return size;
}

/// Empty where libcurl has none. Valid until the handle's next transfer.
inline std::string_view curl_text(CURL* handle, CURLINFO what) {
  const char* text = nullptr;
  curl_easy_getinfo(handle, what, &text);
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// What is known when there is a connection.
inline void read_curl_connection(CURL* handle, CurlProgress& progress) {
  progress.lookup = curl_duration(handle, CURLINFO_NAMELOOKUP_TIME_T);
  progress.connect = curl_duration(handle, CURLINFO_CONNECT_TIME_T);
  progress.handshake = curl_duration(handle, CURLINFO_APPCONNECT_TIME_T);
  progress.connects = curl_number(handle, CURLINFO_NUM_CONNECTS);
  progress.proxy_status = curl_number(handle, CURLINFO_HTTP_CONNECTCODE);
}

/// What is known when the request is over.
inline void read_curl_exchange(CURL* handle, CurlProgress& progress) {
  progress.head_sent = curl_duration(handle, CURLINFO_PRETRANSFER_TIME_T);
#if LIBCURL_VERSION_NUM >= 0x080a00
  progress.body_sent = curl_duration(handle, CURLINFO_POSTTRANSFER_TIME_T);
#endif
  progress.first_byte = curl_duration(handle, CURLINFO_STARTTRANSFER_TIME_T);
  progress.redirect = curl_duration(handle, CURLINFO_REDIRECT_TIME_T);
  progress.total = curl_duration(handle, CURLINFO_TOTAL_TIME_T);
  progress.redirects = curl_number(handle, CURLINFO_REDIRECT_COUNT);
  progress.header_bytes = curl_number(handle, CURLINFO_HEADER_SIZE);
}

/// How long each step of one request took, from its own start on: what is left of the sums
/// without those of the requests before it. `from` is what the request before said when it was
/// ready, `at` what this one said then (or in the end), `until` what the next said (or the end).
inline CurlProgress curl_steps(const CurlProgress& from, const CurlProgress& at,
                               const CurlProgress& until) {
  CurlProgress steps = until;
  steps.lookup = at.lookup - from.lookup;
  steps.connect = at.connect - from.connect;
  steps.handshake = at.handshake - from.handshake;
  steps.connects = at.connects - from.connects;
  steps.proxy_status = at.proxy_status;
  steps.head_sent -= at.head_sent;
  steps.body_sent -= at.body_sent;
  steps.first_byte -= at.first_byte;
  steps.header_bytes -= at.header_bytes;
  return steps;
}

}  // namespace xtrace
