#pragma once

/// What plans did, as `plan` in `xtrace.request/1`, and breakers wherever they appear.

#include "cli/json_fields.h"
#include "cli/report.h"

namespace xtrace::cli {

/// The value of `plan`: an object, or `null` where there was none.
void write_json_plan(JsonFields& json, const std::optional<PlanReport>& plan);

/// The value of `breaker`: an object, or `null` where there was none.
void write_json_breaker(JsonFields& json, const std::optional<BreakerStats>& breaker);

}  // namespace xtrace::cli
