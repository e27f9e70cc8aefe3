#include <string>
#include <utility>

#include <xtrace/circuit_breaker.h>

#include "base/assert.h"
#include "client/breaker_set.h"

namespace xtrace {

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "unknown";
}

// -- settings -------------------------------------------------------------------------------------

namespace {

constexpr std::size_t kMostWindowCalls = 1'000'000;
constexpr std::size_t kMostProbes = 1000;

bool is_share(double rate) {
  return rate >= 0 && rate <= 1;
}

}  // namespace

Expected<void> check_config(const BreakerConfig& config) {
  const auto invalid = [](std::string_view what) {
    return Error{Error::Code::invalid_config, Phase::none,
                 std::string("circuit breaker: ").append(what)};
  };
  if (config.window_calls == 0) return invalid("window_calls is 0");
  if (config.window_calls > kMostWindowCalls) return invalid("window_calls is over 1000000");
  if (config.window_time <= Duration::zero()) return invalid("window_time is not positive");
  if (!is_share(config.failure_rate)) return invalid("failure_rate is not between 0 and 1");
  if (config.slow_call < Duration::zero()) return invalid("slow_call is negative");
  if (!is_share(config.slow_rate)) return invalid("slow_rate is not between 0 and 1");
  if (config.open_for <= Duration::zero()) return invalid("open_for is not positive");
  if (config.probes == 0) return invalid("probes is 0");
  if (config.probes > kMostProbes) return invalid("probes is over 1000");
  if (config.probe_deadline <= Duration::zero()) return invalid("probe_deadline is not positive");
  if (config.forget_after < Duration::zero()) return invalid("forget_after is negative");
  if (config.most_buckets == 0) return invalid("most_buckets is 0");
  return {};
}

// -- permits --------------------------------------------------------------------------------------

BreakerPermit& BreakerPermit::operator=(BreakerPermit&& other) noexcept {
  BreakerPermit taken(std::move(other));
  std::swap(set_, taken.set_);
  std::swap(bucket_, taken.bucket_);
  std::swap(generation_, taken.generation_);
  std::swap(started_, taken.started_);
  std::swap(is_probe_, taken.is_probe_);
  return *this;
}

void BreakerPermit::release() noexcept {
  set_->release({.bucket = bucket_,
                 .grant = {.generation = generation_, .is_probe = is_probe_, .started = started_}});
}

// -- breakers -------------------------------------------------------------------------------------

CircuitBreakers::CircuitBreakers(BreakerConfig config, OnChange on_change)
    : set_(std::make_shared<BreakerSet>(std::move(config), std::move(on_change))) {
  XTRACE_ASSERT(check_config(set_->config()).has_value());
}

CircuitBreakers::~CircuitBreakers() = default;

Expected<BreakerPermit> CircuitBreakers::allow(std::string_view bucket, Tick present) {
  Expected<BreakerSet::Permit> permit = set_->allow(bucket, present);
  if (!permit) return std::move(permit).error();
  BreakerPermit right;
  right.set_ = set_;
  right.bucket_ = permit->bucket;
  right.generation_ = permit->grant.generation;
  right.started_ = permit->grant.started;
  right.is_probe_ = permit->grant.is_probe;
  return right;
}

void CircuitBreakers::report(BreakerPermit permit, BreakerVerdict verdict, Duration took,
                             Tick present) {
  if (!permit) return;
  XTRACE_ASSERT(permit.set_ == set_);
  BreakerBucket* bucket = std::exchange(permit.bucket_, nullptr);
  set_->report({.bucket = bucket,
                .grant = {.generation = permit.generation_,
                          .is_probe = permit.is_probe_,
                          .started = permit.started_}},
               verdict, took, present);
}

bool CircuitBreakers::is_closed(std::string_view bucket, Tick) const {
  return set_->is_closed(bucket);
}

void CircuitBreakers::force(std::string_view bucket, BreakerConfig::Forced forced) {
  set_->force(bucket, forced);
}

const BreakerConfig& CircuitBreakers::config() const {
  return set_->config();
}

std::optional<BreakerStats> CircuitBreakers::stats_of(std::string_view bucket, Tick present) const {
  return set_->stats_of(bucket, present);
}

std::vector<BreakerStats> CircuitBreakers::stats(Tick present) const {
  return set_->stats(present);
}

}  // namespace xtrace
