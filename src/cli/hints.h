#pragma once

/// What the numbers mean, where that is not obvious, and what to try.

#include <string>

#include "cli/report.h"
#include "cli/units.h"

namespace xtrace::cli {

/// One line each: `note` for what happened beside the phases, `hint` for what probably lies behind
/// them.
std::string draw_hints(const AttemptReport& attempt, const Scale& scale, const Style& style);

}  // namespace xtrace::cli
