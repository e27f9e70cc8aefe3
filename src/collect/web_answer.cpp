#include "collect/web_answer.h"

#include <utility>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "collect/trace_json.h"

namespace xtrace::collect {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Calls `visit` with each element of a field that is a list.
template <typename Visit>
void for_each_element(const IncomingRequest& request, std::string_view name, Visit visit) {
  for (const FieldView& field : request.fields) {
    if (!same_word(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      visit(trim(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

bool takes_gzip(const IncomingRequest& request) {
  bool takes = false;
  for_each_element(request, "Accept-Encoding", [&takes](std::string_view element) {
    const std::size_t end = std::min(element.find(';'), element.size());
    const std::string_view weight = trim(element.substr(std::min(end + 1, element.size())));
    const bool is_refused =
        weight.starts_with("q=0") && weight.find_first_of("123456789") == std::string_view::npos;
    if (same_word(trim(element.substr(0, end)), "gzip")) takes = !is_refused;
  });
  return takes;
}

bool has_already(const IncomingRequest& request, std::string_view tag) {
  bool has = false;
  for_each_element(request, "If-None-Match", [&](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    if (element == tag || element == "*") has = true;
  });
  return has;
}

}  // namespace

void add_safe_fields(ServerCall& call) {
  call.add_header("X-Content-Type-Options", "nosniff");
  call.add_header("Referrer-Policy", "no-referrer");
  call.add_header("Cross-Origin-Resource-Policy", "same-origin");
}

void answer_json(ServerCall call, int status, std::string body) {
  ServerResponse response{.status = status, .body = without_markup(std::move(body))};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  call.respond(std::move(response));
}

void answer_error(ServerCall call, int status, std::string_view message) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("error");
  json.begin_object();
  json.key("message");
  json.string(message);
  json.end_object();
  json.end_object();
  answer_json(std::move(call), status, std::move(body));
}

void answer_text(ServerCall call, std::string_view content_type, std::string body) {
  ServerResponse response{.status = 200, .body = std::move(body)};
  response.headers.add("Content-Type", content_type);
  response.headers.add("Cache-Control", "no-store");
  call.respond(std::move(response));
}

void answer_wrong_method(ServerCall call, std::string_view allowed) {
  call.add_header("Allow", allowed);
  const std::string message = "This path takes " + std::string(allowed) + ".";
  answer_error(std::move(call), 405, message);
}

void answer_asset(ServerCall call, const PageAsset& asset, AssetUse use) {
  ServerResponse response;
  const IncomingRequest& request = call.request();
  response.headers.add("ETag", asset.tag);
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("Vary", "Accept-Encoding");
  if (use == AssetUse::document) {
    response.headers.add("Content-Security-Policy", kPolicy);
    response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  }
  if (has_already(request, asset.tag)) {
    response.status = 304;
    return call.respond(std::move(response));
  }
  response.headers.add("Content-Type", asset.content_type);
  const bool is_packed = !asset.packed.empty() && takes_gzip(request);
  if (is_packed) response.headers.add("Content-Encoding", "gzip");
  response.body = is_packed ? asset.packed : asset.body;
  call.respond(std::move(response));
}

}  // namespace xtrace::collect
