#pragma once

/// Timelines of every shape, the same ones for the same seed.

#include <cstdint>
#include <random>

#include "cli/report.h"

namespace xtrace::testing {

/// A report with one attempt: any phase may be absent, dials may overlap, gaps lie anywhere, the
/// total is between 50 us and five minutes, and it may have died in its last phase or been answered
/// early.
cli::Report random_report(std::mt19937& random);

/// The same, without dials that overlap and early responses.
cli::Report random_sequential_report(std::mt19937& random);

}  // namespace xtrace::testing
