#pragma once

/// `xtrace get` with `-n` or `--duration`: many requests, their statistics, their traces.

#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

/// Runs, reports and returns the exit code: 130 or 143 for a signal, after what was measured was
/// shown; 4 where a goal of `--slo` was missed; the code of the most frequent error where every
/// request failed; 22 where `--fail` or `--expect-status` refuse an answer, and with `--fail` also
/// where any request failed; 69 where `--require-emit` wants every document taken and one was not;
/// else 0.
int run_load(const GetOptions& options, Process& process);

}  // namespace xtrace::cli
