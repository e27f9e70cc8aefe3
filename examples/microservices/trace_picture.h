#pragma once

/// Draws a trace of several services: a line for each segment and subsegment, indented as they hang
/// together, with the time that each took.

#include <string>

#include "cli/report.h"
#include "microservices/trace_tree.h"

namespace xtrace::examples {

std::string draw_trace(const TraceTree& tree, const cli::Style& style);

}  // namespace xtrace::examples
