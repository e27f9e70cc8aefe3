#include "cli/plan_settings.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace xtrace::cli {

namespace {

// More is no answer to keep in memory until it has won.
constexpr std::size_t kMostKeptBody = std::size_t{256} * 1024 * 1024;

constexpr Duration kMostRetryAfter = std::chrono::minutes(1);

RetryDecider worth_retrying(const RetryOn& reasons) {
  return RetryDecider([reasons](const Execution& execution) {
    const AttemptRecord& attempt = execution.current();
    if (const Error* error = attempt.error()) return reasons.covers(error->code);
    return reasons.covers(attempt.status());
  });
}

RetryWaiter make_waiter(const PlanOptions& plan) {
  const Backoff backoff = plan.backoff.value_or(Backoff{});
  RetryWaiter waiter = wait_exponential({});
  if (plan.backoff && backoff.most) {
    waiter = wait_exponential({.base = backoff.least, .cap = *backoff.most});
  } else if (plan.backoff) {
    waiter = wait_fixed(backoff.least);
  }
  if (!plan.honours_retry_after) return waiter;
  return wait_retry_after(kMostRetryAfter, std::move(waiter));
}

/// So many that the percentile is one of them, and no fewer than tell anything.
std::size_t least_seen(double percentile) {
  constexpr double kLeast = 20;
  return static_cast<std::size_t>(std::max(kLeast, std::ceil(1 / (1 - percentile))));
}

}  // namespace

Plan make_plan(const GetOptions& options, Request request) {
  Plan plan(std::move(request));
  plan.retry = make_retry_policy(options.plan);
  const Duration limit = options.plan.attempt_timeout.value_or(Duration{});
  plan.timeout = limit == Duration{} ? timeout_infinite() : timeout_fixed(limit);
  plan.race = make_race_policy(options.plan);
  plan.deadline = options.client.timeouts.total;
  if (options.plan.repeats_any_method) plan.repetition = Repetition::always;
  plan.target_id = options.plan.target_id;
  plan.endpoint_template = options.plan.endpoint_template;
  return plan;
}

RetryPolicy make_retry_policy(const PlanOptions& plan) {
  if (!plan.retries) return RetryPolicy::never();
  RetryDecider worth = retry_statuses({429, 502, 503, 504}) || retry_transient();
  if (plan.retry_on) worth = worth_retrying(*plan.retry_on);
  return {.decide = retry_times(*plan.retries) && std::move(worth), .wait = make_waiter(plan)};
}

RacePolicy make_race_policy(const PlanOptions& plan) {
  if (!plan.race) return RacePolicy::never();
  if (!plan.race->percentile) return {.schedule = race_after(plan.race->delays)};
  const double percentile = *plan.race->percentile;
  return race_percentile({.percentile = percentile, .minimum_seen = least_seen(percentile)});
}

BreakerConfig make_breaker_config(const BreakerLimit& limit) {
  BreakerConfig config;
  config.window = BreakerConfig::Window::time;
  config.window_time = limit.within;
  config.failures = limit.failures;
  // The rate says nothing more: so many calls that all failed are so many failures.
  config.minimum_calls = limit.failures;
  config.failure_rate = 1.0;
  config.open_for = std::min(config.open_for, limit.within);
  return config;
}

std::shared_ptr<CircuitBreakers> make_breakers(const PlanOptions& plan, ClientMetrics* metrics) {
  if (!plan.breaker) return nullptr;
  CircuitBreakers::OnChange on_change;
  if (metrics != nullptr) {
    on_change = [metrics](const BreakerChange& change) { metrics->record(change); };
  }
  return std::make_shared<CircuitBreakers>(make_breaker_config(*plan.breaker),
                                           std::move(on_change));
}

ClientConfig fit_client(const GetOptions& options) {
  ClientConfig config = options.client;
  if (options.plan.pool) config.pool.connections_per_host = *options.plan.pool;
  if (!options.plan.is_plan()) return config;
  config.timeouts.total = {};
  config.max_buffered_body = std::max(config.max_buffered_body, kMostKeptBody);
  return config;
}

std::string explain_single_attempt(const Plan& plan) {
  if (is_repeatable(plan)) return {};
  if (plan.repetition == Repetition::always || is_idempotent(plan.request)) {
    return "the body can be read only once, so the request is sent once";
  }
  return plan.request.method +
         " is sent once, for the server might do it twice; --repeat-any-method sends it again all "
         "the same";
}

}  // namespace xtrace::cli
