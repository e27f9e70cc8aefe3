#pragma once

/// The attempts of a plan side by side: one lane for each on the axis of the whole call, and the
/// waits between waves.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// Lanes, axis and the key to their signs; nothing where nothing was sent. Of `report.plan`.
///
///     attempt 0  wave 0    0.0  :==X                        503 in 101.0ms, retry
///     backoff            101.0      ....                    120.0ms
///     attempt 1  wave 1  221.0          ================-   cancelled at 612.4ms, no byte
///     attempt 2  wave 1  371.0                  ::==####>   200 in 241.4ms
std::string draw_lanes(const Report& report, const Style& style);

}  // namespace xtrace::cli
