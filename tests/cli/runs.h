#pragma once

/// Reports of runs as literals.

#include "cli/run_report.h"

namespace xtrace::testing {

/// Screen 3 of the design: 50 requests over 4 connections, one of them slow and a 503, two goals.
cli::RunReport fifty_requests();
/// An open loop on loopback that could not keep up.
cli::RunReport late_by_the_clock();
/// Nobody answered.
cli::RunReport all_refused();
/// Ctrl-C after a few, with -v, one trace and documents that were lost.
cli::RunReport interrupted_run();

}  // namespace xtrace::testing
