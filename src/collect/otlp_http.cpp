#include <algorithm>
#include <limits>

#include "collect/otlp_blocks.h"

namespace xtrace::collect {

namespace {

/// What the attributes say of the request and its answer, in the names of either convention.
struct OtlpHttp {
  std::string_view method{};
  std::string_view user_agent{};
  std::string_view client_ip{};
  std::string url{};
  bool is_forwarded = false;
  bool is_traced = false;
  int status = 0;
  std::optional<std::int64_t> content_length{};

  bool has_request() const {
    return !method.empty() || !user_agent.empty() || !client_ip.empty() || !url.empty();
  }
  bool has_response() const { return status != 0 || content_length.has_value(); }
};

/// The whole URL, or one put together of its parts.
std::string take_otlp_url(OtlpAttributeList& attributes, bool is_server) {
  const std::string_view whole = attributes.take_text("http.url", "url.full");
  if (!whole.empty()) return std::string(whole);
  std::string_view host = attributes.take_text("http.host");
  std::string port;
  if (host.empty()) {
    host = is_server ? attributes.take_text("http.server_name", "server.address")
                     : attributes.take_text("net.peer.name", "server.address");
    if (host.empty()) host = attributes.take_text("net.host.name");
    const auto number =
        attributes.take_count("server.port", is_server ? "net.host.port" : "net.peer.port");
    if (number) port = std::to_string(*number);
  }
  const std::string_view given = attributes.take_text("http.scheme", "url.scheme");
  const std::string_view scheme = given.empty() ? "http" : given;
  const std::string_view path = attributes.take_text("http.target", "url.path");
  const std::string_view query = attributes.take_text("url.query");
  if (host.empty()) return {};
  std::string url = std::string(scheme).append("://").append(host);
  const bool is_usual = (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
  if (!port.empty() && !is_usual) url.append(":").append(port);
  url.append(path.empty() ? "/" : path);
  return query.empty() ? url : url.append("?").append(query);
}

OtlpHttp take_otlp_http(OtlpAttributeList& attributes, bool is_server) {
  OtlpHttp http;
  http.is_traced = attributes.take_flag("aws.xray.traced");
  http.is_forwarded = attributes.take_flag("aws.xray.x_forwarded_for");
  http.method = attributes.take_text("http.method", "http.request.method");
  http.user_agent = attributes.take_text("http.user_agent", "user_agent.original");
  http.client_ip = attributes.take_text("http.client_ip", "client.address");
  const auto status = attributes.take_count("http.status_code", "http.response.status_code");
  if (status && *status <= std::numeric_limits<int>::max()) http.status = static_cast<int>(*status);
  http.content_length =
      attributes.take_count("http.response_content_length", "http.response.body.size");
  const bool is_http = http.has_request() || http.has_response() ||
                       !attributes.look("http.url").empty() || !attributes.look("url.full").empty();
  if (!is_http) return http;
  http.url = take_otlp_url(attributes, is_server);
  if (is_server && http.client_ip.empty()) {
    http.client_ip = attributes.take_text("net.peer.ip", "network.peer.address");
  }
  return http;
}

void put_http(JsonWriter& json, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  json.key(key);
  json.string(value);
}

void put_http(JsonWriter& json, std::string_view key, bool value) {
  if (!value) return;
  json.key(key);
  json.boolean(true);
}

void write_otlp_request(JsonWriter& json, const OtlpHttp& http) {
  json.key("request");
  json.begin_object();
  put_http(json, "method", http.method);
  put_http(json, "url", std::string_view(http.url));
  put_http(json, "user_agent", http.user_agent);
  put_http(json, "client_ip", http.client_ip);
  put_http(json, "x_forwarded_for", http.is_forwarded);
  put_http(json, "traced", http.is_traced);
  json.end_object();
}

void write_otlp_response(JsonWriter& json, const OtlpHttp& http) {
  json.key("response");
  json.begin_object();
  if (http.status != 0) {
    json.key("status");
    json.integer(http.status);
  }
  if (http.content_length) {
    json.key("content_length");
    json.integer(*http.content_length);
  }
  json.end_object();
}

Flags take_otlp_flags(OtlpSpan& span, int status, std::deque<std::string>& decoded) {
  const OtlpValue* const told = span.attributes.take(kOtlpFlags);
  if (told == nullptr) return flags_of_span(status, span.status == OtlpStatus::error);
  const std::vector<std::string_view> words = otlp_texts(*told, decoded);
  const auto has = [&words](std::string_view word) {
    return std::ranges::find(words, word) != words.end();
  };
  return {.error = has("error"), .throttle = has("throttle"), .fault = has("fault")};
}

}  // namespace

void write_http_block(JsonWriter& json, OtlpSpan& span, std::deque<std::string>& decoded) {
  const OtlpHttp http = take_otlp_http(span.attributes, span.kind == OtlpKind::server);
  if (http.has_request() || http.has_response()) {
    json.key("http");
    json.begin_object();
    if (http.has_request()) write_otlp_request(json, http);
    if (http.has_response()) write_otlp_response(json, http);
    json.end_object();
  }
  if (!http.has_request()) put_http(json, "traced", http.is_traced);
  const Flags flags = take_otlp_flags(span, http.status, decoded);
  put_http(json, "error", flags.error);
  put_http(json, "throttle", flags.throttle);
  put_http(json, "fault", flags.fault);
}

}  // namespace xtrace::collect
