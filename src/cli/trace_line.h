#pragma once

/// The last line: under which id the trace is found, and whether anybody took it.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// `trace 1-...   1 segment, 8 subsegments, 2.3 kB -> 127.0.0.1:2000`, or why it was not sent.
std::string draw_trace_line(const Report& report, const Style& style);

}  // namespace xtrace::cli
