#include "cli/option_steps.h"
#include "cli/repeat_options.h"

namespace xtrace::cli {

namespace {

Expected<void> set_pool(PlanOptions& plan, std::string_view value) {
  const auto count = parse_count(value, RepeatOptions::kMostInFlight);
  if (const auto* error = count.if_error()) return *error;
  plan.pool = static_cast<std::size_t>(*count);
  return {};
}

}  // namespace

Expected<void> apply_policy(OptionDraft& draft, OptionId id, const std::string& value) {
  PlanOptions& plan = draft.options.plan;
  switch (id) {
    case OptionId::retry:
      return assign(plan.retries, parse_retries(value));
    case OptionId::retry_on:
      return assign(plan.retry_on, parse_retry_on(value));
    case OptionId::retry_after:
      plan.honours_retry_after = true;
      return {};
    case OptionId::backoff:
      return assign(plan.backoff, parse_backoff(value));
    case OptionId::attempt_timeout:
      return assign(plan.attempt_timeout, parse_duration(value));
    case OptionId::race:
      return assign(plan.race, parse_race(value));
    case OptionId::breaker:
      return assign(plan.breaker, parse_breaker(value));
    case OptionId::pool:
      return set_pool(plan, value);
    case OptionId::target_id:
      return assign(plan.target_id, parse_label(value));
    case OptionId::endpoint:
      return assign(plan.endpoint_template, parse_label(value));
    default:
      plan.repeats_any_method = true;
      return {};
  }
}

}  // namespace xtrace::cli
