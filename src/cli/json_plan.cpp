#include "cli/json_plan.h"

#include <chrono>

namespace xtrace::cli {

namespace {

void write_wait(JsonFields& json, const WaitRecord& wait) {
  const std::int64_t begin = whole_microseconds(wait.begin);
  json.begin_object();
  json.number_of("after_wave", wait.wave);
  json.text("reason", to_string(wait.reason));
  json.number_of("start_us", begin);
  json.number_of("dur_us", whole_microseconds(wait.end) - begin);
  json.number_of("planned_us", whole_microseconds(wait.planned));
  json.end_object();
}

void write_pool(JsonFields& json, const PlanReport& plan) {
  json.key("pool");
  if (!plan.pool) return json.null();
  const PoolCounts& counts = *plan.pool;
  json.begin_object();
  json.text("address", plan.pool_address);
  json.count("idle", counts.idle);
  json.count("active", counts.active);
  json.count("connecting", counts.connecting);
  json.count("waiting", counts.waiting);
  json.count("total", counts.total());
  json.count("limit", counts.limit);
  json.count("opened", counts.opened);
  json.count("failed", counts.failed);
  json.count("reused", counts.reused);
  json.count("stale_retries", counts.stale_retries);
  json.end_object();
}

}  // namespace

void write_json_plan(JsonFields& json, const std::optional<PlanReport>& plan) {
  if (!plan) return json.null();
  json.begin_object();
  json.number_of("attempts", plan->attempts);
  json.number_of("waves", plan->waves);
  if (plan->winner >= 0) {
    json.number_of("winner", plan->winner);
  } else {
    json.null_member("winner");
  }
  json.flag("plan_timeout", plan->is_plan_timeout);
  json.key("backoff");
  json.begin_array();
  for (const WaitRecord& wait : plan->waits) write_wait(json, wait);
  json.end_array();
  json.key("race_vetoes");
  json.begin_array();
  for (const RaceDecision& decision : plan->race_vetoes) {
    json.begin_object();
    json.number_of("rival", decision.rival);
    json.text("reason", to_string(decision.veto));
    json.end_object();
  }
  json.end_array();
  write_pool(json, *plan);
  json.key("breaker");
  write_json_breaker(json, plan->breaker);
  json.end_object();
}

void write_json_breaker(JsonFields& json, const std::optional<BreakerStats>& breaker) {
  if (!breaker) return json.null();
  json.begin_object();
  json.text("bucket", breaker->bucket);
  json.text("state", to_string(breaker->state));
  json.count("calls", breaker->calls);
  json.count("failures", breaker->failures);
  json.count("slow", breaker->slow);
  json.count("consecutive_failures", breaker->consecutive_failures);
  json.count("allowed", breaker->allowed);
  json.count("rejected", breaker->rejected);
  json.count("opened", breaker->opened);
  json.count("late", breaker->late);
  if (breaker->opens_for) {
    json.number_of("opens_for_us", whole_microseconds(*breaker->opens_for));
  } else {
    json.null_member("opens_for_us");
  }
  json.end_object();
}

}  // namespace xtrace::cli
