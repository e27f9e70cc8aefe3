#pragma once

/// What plans did in a run, in each format.

#include <string>

#include "cli/json_fields.h"
#include "cli/run_report.h"

namespace xtrace::cli {

/// `  plan    12 retried  3 raced (2 won by the rival)  4 timed out  1 over the retry budget`, and
/// a line for the breaker.
std::string draw_run_plan(const RunPlan& plan, const Style& style);

/// ` retried=12 raced=3 won=2 redundant=3 ...`, for the compact line.
std::string compact_run_plan(const RunPlan& plan);

/// The value of `plan` in `xtrace.run/1`, or `null`.
void write_json_run_plan(JsonFields& json, const std::optional<RunPlan>& plan);

}  // namespace xtrace::cli
