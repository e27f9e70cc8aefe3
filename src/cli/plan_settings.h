#pragma once

/// Makes of flags what the library runs: a `Plan` and the settings of a `PlanClient`.

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <xtrace/circuit_breaker.h>
#include <xtrace/client_config.h>
#include <xtrace/client_metrics.h>
#include <xtrace/plan_client.h>

#include "cli/options.h"

namespace xtrace::cli {

/// The plan of `request`: `-m` is its deadline. Many requests share a percentile race through it.
Plan make_plan(const GetOptions& options, Request request);

/// What the flags say about trying again: never without `--retry`.
RetryPolicy make_retry_policy(const PlanOptions& plan);
/// What the flags say about rivals: none without `--race`.
RacePolicy make_race_policy(const PlanOptions& plan);

/// Opens at the last of `limit.failures` failures within `limit.within`, however much goes well
/// between them, and probes after that time, or 5 s where that is less.
BreakerConfig make_breaker_config(const BreakerLimit& limit);
/// Null without `--breaker`. `metrics`, unless null, hears of every change.
std::shared_ptr<CircuitBreakers> make_breakers(const PlanOptions& plan, ClientMetrics* metrics);

/// The client's settings: with `--pool`; of a plan without `-m`, which is the plan's, and with room
/// for the body of an answer that is kept until it has won.
ClientConfig fit_client(const GetOptions& options);

/// Why the request is sent no more than once, in a sentence; empty where it may be repeated.
std::string explain_single_attempt(const Plan& plan);

}  // namespace xtrace::cli
