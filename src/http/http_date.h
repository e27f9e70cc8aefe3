#pragma once

/// Dates in HTTP fields.

#include <chrono>
#include <optional>
#include <string_view>

namespace xtrace {

/// An HTTP-date in any of the three forms of RFC 9110 section 5.6.7:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
/// Two digits of a year mean the latest such year that is at most 50 years after `now`. The name of
/// the day is read and not compared with the date, which servers get wrong.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::sys_seconds now);

}  // namespace xtrace
