#include "instrument/client_metrics_collect.h"

#include <span>
#include <string_view>
#include <utility>

#include "instrument/client_metrics_list.h"
#include "instrument/client_metrics_pool_list.h"

namespace xtrace {

// -- plans ----------------------------------------------------------------------------------------

namespace {

struct PlanGauge {
  const MetricInfo* info;
  int PlanStats::*member;
};

constexpr std::array kPlanGauges{
    PlanGauge{&metric::kPlansRunning, &PlanStats::executions},
    PlanGauge{&metric::kPlansAttempting, &PlanStats::attempts},
    PlanGauge{&metric::kPlansWaiting, &PlanStats::waiting},
    PlanGauge{&metric::kPlansRetrying, &PlanStats::retries},
};

struct PlanCounter {
  const MetricInfo* info;
  std::uint64_t PlanStats::*member;
};

constexpr std::array kPlanCounters{
    PlanCounter{&metric::kPlansExecuted, &PlanStats::executed},
    PlanCounter{&metric::kPlansAttempted, &PlanStats::attempted},
    PlanCounter{&metric::kPlansRetried, &PlanStats::retried},
    PlanCounter{&metric::kPlansBudgetExhausted, &PlanStats::budget_exhausted},
    PlanCounter{&metric::kPlansRaced, &PlanStats::raced},
    PlanCounter{&metric::kPlansRaceVetoes, &PlanStats::race_vetoes},
    PlanCounter{&metric::kPlansRedundant, &PlanStats::redundant},
    PlanCounter{&metric::kPlansRivalsWon, &PlanStats::rivals_won},
    PlanCounter{&metric::kPlansAttemptTimeouts, &PlanStats::attempt_timeouts},
    PlanCounter{&metric::kPlansTimeouts, &PlanStats::plan_timeouts},
    PlanCounter{&metric::kPlansBreakerRefusals, &PlanStats::breaker_refusals},
};

}  // namespace

void PlanMetrics::collect(const PlanStats& stats) {
  if (gauges_.empty()) {
    for (const PlanGauge& gauge : kPlanGauges) gauges_.push_back(&sink_.series(*gauge.info, {}));
    for (const PlanCounter& counter : kPlanCounters)
      sums_.emplace_back(sink_.series(*counter.info, {}));
  }
  for (std::size_t i = 0; i < kPlanGauges.size(); ++i)
    gauges_[i]->record(stats.*kPlanGauges[i].member);
  for (std::size_t i = 0; i < kPlanCounters.size(); ++i)
    sums_[i].take(stats.*kPlanCounters[i].member);
}

// -- emitters -------------------------------------------------------------------------------------

namespace {

struct EmitterCounter {
  const MetricInfo* info;
  std::uint64_t EmitterStats::*member;
  std::string_view reason;
};

constexpr std::array kEmitterCounters{
    EmitterCounter{&metric::kEmitterDocuments, &EmitterStats::documents, {}},
    EmitterCounter{&metric::kEmitterSent, &EmitterStats::sent, {}},
    EmitterCounter{&metric::kEmitterBytes, &EmitterStats::bytes, {}},
    EmitterCounter{&metric::kEmitterFlushes, &EmitterStats::flushes, {}},
    EmitterCounter{&metric::kEmitterDropped, &EmitterStats::refused, "refused"},
    EmitterCounter{&metric::kEmitterDropped, &EmitterStats::rejected, "rejected"},
    EmitterCounter{&metric::kEmitterDropped, &EmitterStats::dropped_queue_full, "queue_full"},
    EmitterCounter{&metric::kEmitterDropped, &EmitterStats::dropped_too_large, "too_large"},
    EmitterCounter{&metric::kEmitterDropped, &EmitterStats::dropped_error, "error"},
    EmitterCounter{&metric::kEmitterDropped, &EmitterStats::dropped_at_close, "at_close"},
};

struct BuiltCounter {
  std::string_view deed;
  std::uint64_t DocumentCounts::*member;
};

constexpr std::array kBuiltCounters{
    BuiltCounter{"split", &DocumentCounts::split},
    BuiltCounter{"truncated", &DocumentCounts::truncated},
    BuiltCounter{"refused", &DocumentCounts::refused},
    BuiltCounter{"corrected", &DocumentCounts::corrected},
};

}  // namespace

void EmitterMetrics::collect(const EmitterStats& stats) {
  if (queued_ == nullptr) {
    queued_ = &sink_.series(metric::kEmitterQueued, {});
    for (const EmitterCounter& counter : kEmitterCounters) {
      const MetricTag tag{"reason", counter.reason};
      const std::span<const MetricTag> tags(&tag, counter.reason.empty() ? 0 : 1);
      sums_.emplace_back(sink_.series(*counter.info, tags));
    }
    for (const BuiltCounter& counter : kBuiltCounters) {
      const MetricTag tag{"deed", counter.deed};
      sums_.emplace_back(sink_.series(metric::kEmitterBuilt, {&tag, 1}));
    }
  }
  queued_->record(static_cast<double>(stats.queued));
  auto sum = sums_.begin();
  for (const EmitterCounter& counter : kEmitterCounters) (sum++)->take(stats.*counter.member);
  for (const BuiltCounter& counter : kBuiltCounters) (sum++)->take(stats.built.*counter.member);
  if (!stats.receiver_drops) return;
  if (!receiver_drops_) receiver_drops_.emplace(sink_.series(metric::kEmitterReceiverDrops, {}));
  receiver_drops_->take(*stats.receiver_drops);
}

// -- circuit breakers -----------------------------------------------------------------------------

namespace {

struct BreakerCounter {
  const MetricInfo* info;
  std::uint64_t BreakerStats::*member;
};

constexpr std::array kBreakerCounters{
    BreakerCounter{&metric::kBreakerAllowed, &BreakerStats::allowed},
    BreakerCounter{&metric::kBreakerRejected, &BreakerStats::rejected},
    BreakerCounter{&metric::kBreakerOpened, &BreakerStats::opened},
    BreakerCounter{&metric::kBreakerLate, &BreakerStats::late},
};

double number_of(BreakerState state) {
  return static_cast<double>(state);
}
static_assert(static_cast<int>(BreakerState::closed) == 0);
static_assert(static_cast<int>(BreakerState::open) == 1);
static_assert(static_cast<int>(BreakerState::half_open) == 2);

}  // namespace

void BreakerMetrics::collect(const std::vector<BreakerStats>& buckets) {
  for (const BreakerStats& stats : buckets) {
    BucketSeries& bucket = bucket_of(stats.bucket);
    bucket.is_seen = true;
    bucket.state->record(number_of(stats.state));
    for (std::size_t i = 0; i < kSums; ++i) bucket.sums[i].take(stats.*kBreakerCounters[i].member);
  }
  forget_unseen();
}

// No memory of its own: it is told on the thread that caused the change.
void BreakerMetrics::record(const BreakerChange& change) {
  const MetricTag tags[] = {
      {"bucket", change.bucket}, {"to", to_string(change.to)}, {"reason", change.reason}};
  sink_.series(metric::kBreakerChanges, tags).record(1);
  sink_.series(metric::kBreakerState, std::span(tags).first(1)).record(number_of(change.to));
}

BreakerMetrics::BucketSeries& BreakerMetrics::bucket_of(const std::string& name) {
  static_assert(kBreakerCounters.size() == kSums);
  const auto found = buckets_.find(name);
  if (found != buckets_.end()) return found->second;
  BucketSeries& made = buckets_[name];
  const MetricTag tag{"bucket", name};
  made.state = &sink_.series(metric::kBreakerState, {&tag, 1});
  for (std::size_t i = 0; i < kSums; ++i)
    made.sums[i] = GrowingSum(sink_.series(*kBreakerCounters[i].info, {&tag, 1}));
  return made;
}

// Only closed ones are forgotten.
void BreakerMetrics::forget_unseen() {
  for (auto bucket = buckets_.begin(); bucket != buckets_.end();) {
    if (std::exchange(bucket->second.is_seen, false)) {
      ++bucket;
      continue;
    }
    bucket->second.state->record(number_of(BreakerState::closed));
    bucket = buckets_.erase(bucket);
  }
}

}  // namespace xtrace
