#include <algorithm>

#include <xtrace/http.h>

#include "http/base64.h"
#include "http/characters.h"

namespace xtrace {

namespace {

Error invalid_request(std::string message) {
  return {Error::Code::invalid_request, Phase::none, std::move(message)};
}

bool breaks_the_head(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}

Expected<void> check_method(std::string_view method) {
  if (!is_token(method)) {
    return invalid_request("the method is not a token: letters, digits and hyphens only");
  }
  if (method == "CONNECT") {
    return invalid_request("the method CONNECT asks for a tunnel, which only a proxy gives");
  }
  return {};
}

Expected<void> check_framing(const Request& request, const Header& field) {
  if (equals_ignoring_case(field.name, "Transfer-Encoding")) {
    return invalid_request(
        "the header Transfer-Encoding cannot be set: a body is sent with its length");
  }
  if (!equals_ignoring_case(field.name, "Content-Length")) return {};
  const std::string actual = std::to_string(request.body.size());
  if (trim(field.value) == actual) return {};
  return invalid_request("the header Content-Length contradicts the body, which has " + actual +
                         (actual == "1" ? " byte" : " bytes"));
}

Expected<void> check_field(const Request& request, const Header& field) {
  if (!is_token(field.name)) {
    std::string name = field.name;
    std::replace_if(name.begin(), name.end(), is_control, '?');
    return invalid_request("the header name \"" + name + "\" is not a token");
  }
  if (std::any_of(field.value.begin(), field.value.end(), breaks_the_head)) {
    return invalid_request("the value of the header " + field.name + " holds CR, LF or NUL");
  }
  return check_framing(request, field);
}

bool is_sent_once(std::string_view name) {
  return equals_ignoring_case(name, "Host") || equals_ignoring_case(name, "Content-Length");
}

std::size_t count(const Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      headers.begin(), headers.end(),
      [name](const Header& field) { return equals_ignoring_case(field.name, name); }));
}

bool is_automatic(const Request& request, std::string_view name) {
  if (request.headers.contains(name)) return false;
  return std::none_of(request.omit.begin(), request.omit.end(), [name](const std::string& omitted) {
    return equals_ignoring_case(omitted, name);
  });
}

bool announces_length(const Request& request) {
  if (request.headers.contains("Content-Length")) return false;
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

}  // namespace

Expected<void> check_request(const Request& request) {
  if (Expected<void> method = check_method(request.method); !method) return method;
  for (const Header& field : request.headers) {
    if (Expected<void> checked = check_field(request, field); !checked) return checked;
    if (is_sent_once(field.name) && count(request.headers, field.name) > 1) {
      return invalid_request("the header " + field.name + " is set more than once");
    }
  }
  return {};
}

std::string serialize_head(const Request& request, std::string_view default_user_agent) {
  std::string head = request.method + " " + request.url.target() + " HTTP/1.1\r\n";
  const std::string* host = request.headers.find("Host");
  append_field(head, "Host", host != nullptr ? *host : request.url.authority());
  for (const Header& field : request.headers) {
    if (!equals_ignoring_case(field.name, "Host")) append_field(head, field.name, field.value);
  }
  if (is_automatic(request, "Accept")) append_field(head, "Accept", "*/*");
  if (is_automatic(request, "User-Agent")) append_field(head, "User-Agent", default_user_agent);
  if (const auto& userinfo = request.url.userinfo();
      userinfo && is_automatic(request, "Authorization")) {
    append_field(head, "Authorization",
                 "Basic " + to_base64(userinfo->first + ":" + userinfo->second));
  }
  if (announces_length(request)) {
    append_field(head, "Content-Length", std::to_string(request.body.size()));
  }
  head += "\r\n";
  return head;
}

}  // namespace xtrace
