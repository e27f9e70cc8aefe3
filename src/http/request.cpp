#include <algorithm>

#include <xtrace/http.h>

#include "http/characters.h"

namespace xtrace {

namespace {

Error refused(std::string message) {
  return {Error::Code::invalid_request, Phase::none, std::move(message)};
}

bool breaks_the_head(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}

Expected<void> check_method(std::string_view method) {
  if (!is_token(method)) {
    return refused("the method is not a token: letters, digits and hyphens only");
  }
  if (method == "CONNECT") {
    return refused("the method CONNECT asks for a tunnel, which only a proxy gives");
  }
  return {};
}

Expected<void> check_length(const Request& request, std::string_view length) {
  if (request.supply) {
    return refused(
        "the header Content-Length cannot be set: the source of the body decides its length");
  }
  const std::string actual = std::to_string(request.body.size());
  if (trim(length) == actual) return {};
  return refused("the header Content-Length contradicts the body, which has " + actual +
                 (actual == "1" ? " byte" : " bytes"));
}

Expected<void> check_framing(const Request& request, const Header& field) {
  if (equals_ignoring_case(field.name, "Transfer-Encoding")) {
    return refused(
        "the header Transfer-Encoding cannot be set: the client decides whether a body is chunked");
  }
  if (equals_ignoring_case(field.name, "Content-Length")) {
    return check_length(request, field.value);
  }
  if (!equals_ignoring_case(field.name, "Expect") ||
      equals_ignoring_case(trim(field.value), "100-continue")) {
    return {};
  }
  return refused("the header Expect knows one value, 100-continue");
}

Expected<void> check_field(const Request& request, const Header& field) {
  if (!is_token(field.name)) {
    std::string name = field.name;
    std::replace_if(name.begin(), name.end(), is_control, '?');
    return refused("the header name \"" + name + "\" is not a token");
  }
  if (std::any_of(field.value.begin(), field.value.end(), breaks_the_head)) {
    return refused("the value of the header " + field.name + " holds CR, LF or NUL");
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

}  // namespace

Expected<void> check_request(const Request& request) {
  if (Expected<void> method = check_method(request.method); !method) return method;
  if (request.supply && !request.body.empty()) {
    return refused("the request has two bodies: a text and a source");
  }
  for (const Header& field : request.headers) {
    if (Expected<void> checked = check_field(request, field); !checked) return checked;
    if (is_sent_once(field.name) && count(request.headers, field.name) > 1) {
      return refused("the header " + field.name + " is set more than once");
    }
  }
  return {};
}

}  // namespace xtrace
