#include "http/framing.h"

#include "http/comma_list.h"

namespace xtrace {

bool has_other_coding(const Headers& headers) {
  bool is_seen = false;
  for (const Header& field : headers) {
    if (!equals_ignoring_case(field.name, "Transfer-Encoding")) continue;
    if (is_seen || !equals_ignoring_case(field.value, "chunked")) {
      return true;
    }
    is_seen = true;
  }
  return false;
}

Framing framing_of(std::string_view method, const Response& response) {
  const bool is_interim = response.status < 200;
  const bool is_tunnel = method == "CONNECT" && response.status / 100 == 2;
  if (is_interim || is_tunnel || method == "HEAD" || response.status == 204 ||
      response.status == 304) {
    return Framing::none;
  }
  if (response.headers.contains("Transfer-Encoding")) return Framing::chunked;
  return response.content_length ? Framing::sized : Framing::until_end;
}

bool keeps_alive(const Response& response, Framing framing) {
  if (framing == Framing::until_end || lists(response.headers, "Connection", "close")) return false;
  if (response.version_minor >= 1) return true;
  return !response.headers.contains("Transfer-Encoding") &&
         lists(response.headers, "Connection", "keep-alive");
}

}  // namespace xtrace
