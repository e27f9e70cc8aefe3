#pragma once

/// Makes the `Report` of a request that was made, and judges it.

#include <string>

#include <xtrace/client.h>

#include "cli/options.h"
#include "cli/report.h"

namespace xtrace::cli {

/// Why `--fail` or `--expect-status` refuse the response, in words; empty where they do not.
std::string judge(const GetOptions& options, const Exchange& exchange);

/// Everything but the trace: `trace_id`, `sampled`, `emit`, `documents` and `exit_code` are left to
/// the caller.
Report build_report(const GetOptions& options, const Request& request, const Exchange& exchange);

/// In the format asked for.
std::string render(const Report& report, Format format, const Style& style);

}  // namespace xtrace::cli
