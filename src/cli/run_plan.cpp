#include "cli/run_plan.h"

#include <array>
#include <string_view>

#include "cli/json_plan.h"
#include "cli/paint.h"
#include "cli/plan_notes.h"

namespace xtrace::cli {

namespace {

struct Counter {
  std::string_view name;
  std::uint64_t RunPlan::*value;
};

constexpr std::array<Counter, 7> kCounters = {{{"retried", &RunPlan::retried},
                                               {"raced", &RunPlan::raced},
                                               {"rivals_won", &RunPlan::rivals_won},
                                               {"redundant", &RunPlan::redundant},
                                               {"budget_exhausted", &RunPlan::budget_exhausted},
                                               {"breaker_refusals", &RunPlan::breaker_refusals},
                                               {"attempt_timeouts", &RunPlan::attempt_timeouts}}};

}  // namespace

std::string draw_run_plan(const RunPlan& plan, const Style& style) {
  Flow flow(style, 8);
  flow.piece("  plan", Role::strong, 0);
  const auto say = [&flow](std::uint64_t number, std::string_view what) {
    if (number > 0) flow.piece(std::to_string(number).append(" ").append(what));
  };
  flow.piece(std::to_string(plan.retried) + " retried");
  std::string raced = std::to_string(plan.raced) + " raced";
  if (plan.raced > 0) raced += " (" + std::to_string(plan.rivals_won) + " won by the rival)";
  flow.piece(raced);
  say(plan.redundant, "redundant");
  say(plan.attempt_timeouts, "attempts timed out");
  say(plan.budget_exhausted, "not retried for lack of budget");
  say(plan.breaker_refusals, "refused by the breaker");
  const std::string text = flow.finish();
  return plan.breaker ? text + draw_breaker(*plan.breaker, nullptr, style) : text;
}

std::string compact_run_plan(const RunPlan& plan) {
  std::string text;
  for (const Counter& counter : kCounters) {
    text.append(" ").append(counter.name).append("=") += std::to_string(plan.*counter.value);
  }
  if (plan.breaker) text.append(" breaker=").append(to_string(plan.breaker->state));
  return text;
}

void write_json_run_plan(JsonFields& json, const std::optional<RunPlan>& plan) {
  if (!plan) return json.null();
  json.begin_object();
  for (const Counter& counter : kCounters) json.count(counter.name, (*plan).*counter.value);
  json.key("breaker");
  write_json_breaker(json, plan->breaker);
  json.end_object();
}

}  // namespace xtrace::cli
