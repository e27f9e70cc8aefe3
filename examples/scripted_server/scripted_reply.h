#pragma once

/// `ScriptedReply` is one answer of a `ScriptedServer`, with the delays that make it interesting.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/http.h>

namespace xtrace::examples {

struct ScriptedReply {
  std::chrono::milliseconds header_delay{};  ///< From the end of the request to the head.
  int status = 200;
  std::vector<Header> headers{};
  std::chrono::milliseconds body_delay{};         ///< From the head to the body.
  std::chrono::milliseconds body_service_time{};  ///< Each byte comes after its part of this.
  /// With one, its length is announced; without, the answer is chunked and empty.
  std::optional<std::string> body{};
};

/// What the fifth reply holds.
inline constexpr std::string_view kFinalBody = "Success!";

/// The script of gogama/aws-xray-httpx' examples: 503; a head that takes 5 s; 429; a body that
/// takes 5 s; 200 `Success!`. A client that gives each attempt 100 ms meets a fault, a timeout, a
/// throttle, a stall, and the answer.
std::vector<ScriptedReply> five_replies();

}  // namespace xtrace::examples
