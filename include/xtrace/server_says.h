#pragma once

/// What a response's header says about the server's own time: `Server-Timing` and `Retry-After`.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/http.h>

namespace xtrace {

/// One metric of a `Server-Timing` field (W3C Server Timing).
struct ServerTiming {
  std::string name{};
  std::optional<Duration> duration{};  ///< `dur`, which the server gives in milliseconds.
  std::string description{};           ///< `desc`

  friend bool operator==(const ServerTiming&, const ServerTiming&) = default;
};

/// Every metric of every `Server-Timing` field, in order. What cannot be understood is passed over,
/// as the specification has it: the first of equal parameters counts, unknown ones do not; a `dur`
/// that is no number, negative, or longer than a `Duration` is none.
std::vector<ServerTiming> server_timings(const Headers& headers);

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, or an HTTP date in any of its three forms,
/// counted from `now`; never negative, and at most 100 years, so that it can be added to a time.
/// Null without the field, or where it makes no sense.
std::optional<Duration> retry_after(const Headers& headers, WallTime now);

}  // namespace xtrace
