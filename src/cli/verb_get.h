#pragma once

/// `xtrace get`: one traced request, its report, its segment.

#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

/// Sends the request, emits the segment, writes the report and returns the exit code (cli.md
/// section 4); with `process.ends_at_once` it ends the process with it instead.
///
/// SIGINT and SIGTERM end the request where it is: the report shows what was reached, the segment
/// is emitted, the exit code is 130 or 143. A report that nobody reads any more (a closed pipe)
/// changes nothing: the code is the request's, no message; the body of `-o -` is different, for
/// with nobody to read it the request is ended, quietly, with 23.
int run_get(const GetOptions& options, Process& process);

}  // namespace xtrace::cli
