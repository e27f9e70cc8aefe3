#include "http/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/base64.h"
#include "http/body_decoder.h"
#include "http/url_text.h"

namespace xtrace {

namespace {

bool is_automatic(const Request& request, std::string_view name) {
  if (request.headers.contains(name)) return false;
  return std::none_of(request.omit.begin(), request.omit.end(), [name](const std::string& omitted) {
    return equals_ignoring_case(omitted, name);
  });
}

void put_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

void append_request_line(std::string& head, const Request& request, bool is_absolute_form) {
  head += request.method;
  head += ' ';
  if (is_absolute_form) {
    head += request.url.scheme();
    head += "://";
    append_authority(head, request.url);
  }
  append_target(head, request.url);
  head += " HTTP/1.1\r\n";
}

void append_host(std::string& head, const Request& request) {
  if (const std::string* host = request.headers.find("Host")) {
    return put_field(head, "Host", *host);
  }
  head += "Host: ";
  append_authority(head, request.url);
  head += "\r\n";
}

void append_authorization(std::string& head, const Request& request) {
  const auto& userinfo = request.url.userinfo();
  if (!userinfo || !is_automatic(request, "Authorization")) return;
  head += "Authorization: Basic ";
  append_base64(head, {userinfo->first, ":", userinfo->second});
  head += "\r\n";
}

bool expects_length(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

void append_framing(std::string& head, const Request& request,
                    std::optional<std::uint64_t> supply_size) {
  if (request.supply && !supply_size) return put_field(head, "Transfer-Encoding", "chunked");
  const std::uint64_t size = request.supply ? *supply_size : request.body.size();
  const bool is_announced = request.supply || size > 0 || expects_length(request.method);
  if (!is_announced || request.headers.contains("Content-Length")) return;
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size).ptr;
  put_field(head, "Content-Length", {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

}  // namespace

void append_head(std::string& into, const Request& request, const HeadOptions& options) {
  append_request_line(into, request, options.is_absolute_form);
  append_host(into, request);
  for (const Header& field : request.headers) {
    if (!equals_ignoring_case(field.name, "Host")) put_field(into, field.name, field.value);
  }
  if (is_automatic(request, "Accept")) put_field(into, "Accept", "*/*");
  if (options.accepts_compressed && asks_for_compression(request)) {
    put_field(into, "Accept-Encoding", kAcceptedEncodings);
  }
  if (is_automatic(request, "User-Agent")) {
    put_field(into, "User-Agent", options.default_user_agent);
  }
  append_authorization(into, request);
  if (!options.proxy_authorization.empty() && !request.headers.contains("Proxy-Authorization")) {
    put_field(into, "Proxy-Authorization", options.proxy_authorization);
  }
  if (options.closes && !request.headers.contains("Connection")) {
    put_field(into, "Connection", "close");
  }
  append_framing(into, request, options.supply_size);
  into += "\r\n";
}

std::string serialize_head(const Request& request, std::string_view default_user_agent) {
  std::string head;
  append_head(head, request, {.default_user_agent = default_user_agent});
  return head;
}

bool asks_for_compression(const Request& request) {
  return request.method != "HEAD" && !request.headers.contains("Range") &&
         is_automatic(request, "Accept-Encoding");
}

}  // namespace xtrace
