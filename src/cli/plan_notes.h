#pragma once

/// What stands below the lanes: connections, the pool, the breaker, and why policies said no.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// `conn  attempt 0 new 203.0.113.7:443 in 61ms   attempt 1 reused (idle 0.1s)   attempt 2 none`
std::string draw_connections(const Report& report, const Style& style);

/// Of `report.plan`: a line for the pool and the breaker, one for each race that was forbidden, and
/// one where it was not tried again for another reason than that the answer was good. Nothing where
/// there is nothing to tell.
std::string draw_plan_notes(const Report& report, const Style& style);

/// `breaker  https://h:443 closed (1 failure of 5 in 30s)`; without limits `(1 of 12 calls
/// failed)`. On a line of its own.
std::string draw_breaker(const BreakerStats& stats, const BreakerConfig* limits,
                         const Style& style);

}  // namespace xtrace::cli
