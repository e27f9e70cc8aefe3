#pragma once

/// The verdict on a call with a plan, in one line where it fits.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// `200 OK after 3 sends   attempt 0 lost, attempt 1+2 raced, attempt 2 won   total 612.4ms`, or
/// `TIMED OUT waiting for the first byte after 3 sends ...`, or `NOT SENT: ...`. A judgement stands
/// on a line of its own.
std::string draw_verdict(const Report& report, const Style& style);

}  // namespace xtrace::cli
