#include "cli/load_plans.h"

#include <utility>

#include "cli/plan_settings.h"
#include "loop/timer.h"

namespace xtrace::cli {

namespace {

PlanClientConfig make_config(const LoadPlans::Parts& parts,
                             const std::shared_ptr<CircuitBreakers>& breakers) {
  PlanClientConfig config;
  config.breakers = breakers;
  if (parts.metrics != nullptr) parts.metrics->client().attach_to(config);
  return config;
}

std::shared_ptr<const Plan> make_shared_plan(const LoadPlans::Parts& parts) {
  Plan plan = make_plan(parts.options, parts.request);
  plan.handlers.before_read_body.emplace_back([](Execution& execution) {
    *execution.on_body = [](std::span<const std::byte>) -> Expected<xtrace::Flow> {
      return xtrace::Flow::proceed;
    };
  });
  return std::make_shared<const Plan>(std::move(plan));
}

}  // namespace

LoadPlans::LoadPlans(const Parts& parts)
    : breakers_(make_breakers(parts.options.plan,
                              parts.metrics != nullptr ? &parts.metrics->client() : nullptr)),
      plan_(make_shared_plan(parts)),
      plans_(parts.client, make_config(parts, breakers_)) {}

LoadPlans::~LoadPlans() = default;

PlanCall LoadPlans::start(std::optional<ClientTrace> trace, ExecuteOptions options,
                          PlanClient::OnDone on_done) {
  if (!trace) return plans_.execute(plan_, std::move(options), std::move(on_done));
  Plan plan = *plan_;
  plan.trace = std::move(*trace);
  return plans_.execute(std::make_shared<const Plan>(std::move(plan)), std::move(options),
                        std::move(on_done));
}

void LoadPlans::begin_counting() {
  before_ = plans_.stats();
}

RunPlan LoadPlans::report() const {
  const PlanStats stats = plans_.stats();
  RunPlan report{.retried = stats.retried - before_.retried,
                 .raced = stats.raced - before_.raced,
                 .rivals_won = stats.rivals_won - before_.rivals_won,
                 .redundant = stats.redundant - before_.redundant,
                 .budget_exhausted = stats.budget_exhausted - before_.budget_exhausted,
                 .breaker_refusals = stats.breaker_refusals - before_.breaker_refusals,
                 .attempt_timeouts = stats.attempt_timeouts - before_.attempt_timeouts};
  if (breakers_ == nullptr) return report;
  std::vector<BreakerStats> breakers = breakers_->stats(tick_now());
  if (!breakers.empty()) report.breaker = std::move(breakers.front());
  return report;
}

void LoadPlans::collect(ClientMetrics& metrics) const {
  metrics.collect(plans_.stats());
  if (breakers_ != nullptr) metrics.collect(*breakers_, tick_now());
}

}  // namespace xtrace::cli
