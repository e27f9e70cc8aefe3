#pragma once

/// Makes the `Report` of a request that was made, and judges it.

#include <string>

#include <xtrace/client.h>
#include <xtrace/execution.h>

#include "cli/options.h"
#include "cli/report.h"

namespace xtrace::cli {

/// Why `--fail` or `--expect-status` refuse the response, in words; empty where they do not.
std::string judge(const GetOptions& options, const Exchange& exchange);

/// Everything but the trace: `trace_id`, `sampled`, `emit`, `documents` and `exit_code` are left to
/// the caller.
Report build_report(const GetOptions& options, const Request& request, const Exchange& exchange);

/// The same of a plan that is over; `plan` is set but for what the client knows: the race's vetoes,
/// the pool, the breaker.
Report build_report(const GetOptions& options, const Request& request, const Execution& execution);

/// What stands for an execution where one exchange is asked for: the winner's, with the error that
/// ended all of it; without an attempt the error alone, at its time.
Exchange final_exchange(const Execution& execution);

/// In the format asked for.
std::string render(const Report& report, Format format, const Style& style);

}  // namespace xtrace::cli
