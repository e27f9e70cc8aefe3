#pragma once

/// The labelled columns of httpstat: one for each part of the total, and the total behind them.

#include <string>

#include "cli/breakdown.h"

namespace xtrace::cli {

/// Two lines, or nothing where the screen is too narrow for them or nothing happened. The columns
/// add up to the total.
std::string draw_columns(const Breakdown& breakdown, const Style& style);

}  // namespace xtrace::cli
