#pragma once

/// One call without a plan: its verdict, its phases to scale, redirects leg by leg, and what there
/// is to remark.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// `report.plan` is not looked at.
std::string draw_request(const Report& report, const Style& style);

}  // namespace xtrace::cli
