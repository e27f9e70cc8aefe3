#pragma once

/// What came of a talk with a proxy, as a text to compare.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/tunnel_talk.h"
#include "fuzz/target.h"

namespace xtrace::testing {

/// What was said and taken, and the error if there was one, when the proxy's words arrive in these
/// pieces.
inline std::string outcome(bool is_socks, bool has_password,
                           const std::vector<std::string_view>& pieces) {
  TunnelRequest request{.proxy = {}, .host = "h.test", .port = 1, .limits = {.head_bytes = 128}};
  // No proxy's own words can be it in a message, which is ASCII.
  constexpr std::string_view kSecret = "\x80secret";
  if (has_password) request.proxy.user = request.proxy.password = kSecret;
  const auto talk = is_socks ? make_socks_talk(request) : make_connect_talk(request);
  std::string said = *talk->begin();
  std::size_t taken = 0;
  for (const std::string_view piece : pieces) {
    const auto progress = talk->take(std::as_bytes(std::span(piece)));
    if (const Error* error = progress.if_error()) {
      require(error->phase == Phase::proxy);
      require(error->message.find(kSecret) == std::string::npos);
      return error->message;
    }
    require(progress->is_open || progress->taken == piece.size());
    said += progress->reply;
    taken += progress->taken;
    if (progress->is_open) return said + std::to_string(taken);
  }
  return said + talk->end().message;
}

}  // namespace xtrace::testing
