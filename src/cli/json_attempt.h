#pragma once

/// One attempt as the element of `attempts` in `xtrace.request/1`.

#include <cstdint>

#include <xtrace/clock.h>
#include <xtrace/timeline.h>

#include "cli/json_fields.h"
#include "cli/report.h"

namespace xtrace::cli {

/// A moment of an attempt in whole microseconds since the call began. Moments are rounded down, and
/// lengths are differences of rounded moments, so that a phase ends where the next one begins and
/// lengths add up.
std::int64_t microseconds_of_call(const Timeline& timeline, Tick call_started, Duration moment);

void write_json_attempt(JsonFields& json, const AttemptReport& attempt, Tick call_started);

}  // namespace xtrace::cli
