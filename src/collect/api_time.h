#pragma once

/// Moments as clients of the API write them.

#include <optional>
#include <string_view>

namespace xtrace::collect {

/// Epoch seconds of ISO 8601 (`2026-11-21T17:30:00.25Z`, with an offset instead of the Z, or a date
/// alone; what names no zone is UTC), or of a number. Nothing where it is neither, or before 1970
/// or after the year 9999.
std::optional<double> parse_api_time(std::string_view text);

}  // namespace xtrace::collect
