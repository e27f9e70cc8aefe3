#pragma once

/// The sentence of a time limit that struck.

#include <xtrace/client_config.h>
#include <xtrace/error.h>
#include <xtrace/timeline.h>

#include "client/deadlines.h"

namespace xtrace {

/// `timed out waiting for the first byte (response limit 2 s)`.
Error limit_error(Limit limit, Phase phase, const Timeouts& timeouts);

/// `timed out waiting for the first byte (attempt limit 100 ms)`.
Error attempt_limit_error(Phase phase, Duration allowed);

/// The same of a plan's deadline; without a phase it struck between two attempts.
Error plan_limit_error(Phase phase, Duration allowed);

/// How a phase ends that `error` ended.
Outcome outcome_of(const Error& error);

}  // namespace xtrace
