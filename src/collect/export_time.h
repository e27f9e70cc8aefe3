#pragma once

/// Moments as other programs' formats write them.

#include <cstdint>
#include <string>

namespace xtrace::collect {

/// `2026-11-21T17:30:00.250000Z`, of epoch seconds.
std::string utc_text(double seconds);

/// Whole microseconds of epoch seconds.
std::int64_t epoch_microseconds(double seconds);

}  // namespace xtrace::collect
