#pragma once

/// One physical request of a transfer. Part of adapters/curl.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include <xtrace/adapters/curl_progress.h>
#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/http.h>
#include <xtrace/tls.h>
#include <xtrace/trace_id.h>

namespace xtrace {

/// Asked once a connection, when its handshake is done, to say what was agreed on.
using CurlTlsFacts = void (*)(const curl_tlssessioninfo& session, TlsInfo& info);

/// One physical request.
struct CurlLeg {
  /// As it stands in CURLINFO_EFFECTIVE_URL, and as a request of ours where it is one.
  std::string url{};
  std::string method{};
  std::optional<Request> request{};
  std::string name{};  ///< Of its subsegment.
  SegmentId id{};
  /// Whether there was a connection to send it over, and then when, and what libcurl said.
  bool is_ready = false;
  Tick ready{};
  CurlProgress at_ready{};
  Address remote{};
  Address local{};
  std::optional<TlsInfo> tls{};
  /// The moments that the application told, where it did.
  std::optional<Tick> body_sent{};
  std::optional<Tick> answered{};
  /// The answer's, 0 without one.
  int status = 0;
  std::optional<std::uint64_t> content_length{};
  /// Nobody answered, and libcurl sent it again.
  bool is_repeated = false;

  /// Begins another, with the memory of this one: mostly it asks for the same.
  void begin(CURL* handle, const SegmentId& named) {
    id = named;
    is_ready = false;
    at_ready = {};
    remote = {};
    local = {};
    tls.reset();
    body_sent.reset();
    answered.reset();
    status = 0;
    content_length.reset();
    is_repeated = false;
    const std::string_view asked = curl_text(handle, CURLINFO_EFFECTIVE_URL);
    if (asked != url || !request) {
      url = asked;
      request.reset();
      Expected<Url> parsed = Url::parse(url);
      name = parsed ? parsed->authority() : std::string();
      if (parsed) request.emplace(std::move(*parsed));
    }
    method = curl_text(handle, CURLINFO_EFFECTIVE_METHOD);
    if (method.empty()) method = "GET";
    if (request) request->method = method;
  }
};

}  // namespace xtrace
