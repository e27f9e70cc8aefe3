#pragma once

/// What the attempts of a plan say together: which of server, network and policy to look at.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// One line each, in the shape of hints.h. Of `report.plan`.
std::string draw_plan_hints(const Report& report, const Style& style);

}  // namespace xtrace::cli
