#pragma once

/// Reports of plans of every shape, the same ones for the same seed.

#include <random>

#include "cli/report.h"

namespace xtrace::testing {

/// Up to seven attempts in waves of one to three, some of them redirected or sent again, with waits
/// between the waves; any attempt may have failed in any way, and the plan may have run out of time
/// in the last wait.
cli::Report random_plan(std::mt19937& random);

}  // namespace xtrace::testing
