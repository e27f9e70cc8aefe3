#pragma once

/// A call with a plan: its verdict, its attempts side by side, what policies decided, and the
/// phases of the attempt that it ended with.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// Of `report.plan`. A single attempt is drawn as a request without a plan is, with what there is
/// to tell about pool and breaker below.
std::string draw_plan(const Report& report, const Style& style);

}  // namespace xtrace::cli
