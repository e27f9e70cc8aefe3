#include <algorithm>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <xtrace/circuit_breaker.h>
#include <xtrace/execution.h>

#include "client/breaker_bucket.h"
#include "loop/timer.h"

namespace xtrace {

namespace {

Error bad(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

bool is_rate(double value) {
  return value >= 0 && value <= 1;
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

}  // namespace

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "closed";
}

BreakerVerdict default_verdict(const AttemptRecord& attempt) {
  constexpr int kFirstOfServer = 150;
  using enum Error::Code;
  if (attempt.is_redundant) return BreakerVerdict::excluded;
  if (const Error* error = attempt.error()) {
    switch (error->code) {
      case pool_timeout:
      case pool_full:
      case client_closed:
      case breaker_open:
      case tls_config:
      case body_source_failed:
      case body_not_repeatable:
      case body_too_large:
      case body_refused:
      case cancelled:
      case redundant:
      case plan_timeout:
        return BreakerVerdict::excluded;
      default:
        return static_cast<int>(error->code) < kFirstOfServer ? BreakerVerdict::excluded
                                                              : BreakerVerdict::failure;
    }
  }
  const int status = attempt.status();
  const bool is_failure = status >= 500 || status == 429 || status == 408;
  return is_failure ? BreakerVerdict::failure : BreakerVerdict::success;
}

Expected<void> check_config(const BreakerConfig& config) {
  if (config.window == BreakerConfig::Window::calls && config.window_calls == 0)
    return bad("the breaker's window_calls must be at least 1");
  if (config.window == BreakerConfig::Window::time && config.window_time <= Duration::zero())
    return bad("the breaker's window_time must be longer than nothing");
  if (!is_rate(config.failure_rate)) return bad("the breaker's failure_rate must be from 0 to 1");
  if (!is_rate(config.slow_rate)) return bad("the breaker's slow_rate must be from 0 to 1");
  if (config.open_for <= Duration::zero())
    return bad("the breaker's open_for must be longer than nothing");
  if (config.probes == 0) return bad("the breaker's probes must be at least 1");
  if (config.probe_deadline <= Duration::zero())
    return bad("the breaker's probe_deadline must be longer than nothing");
  if (config.most_buckets == 0) return bad("the breaker's most_buckets must be at least 1");
  return {};
}

// -- the set --------------------------------------------------------------------------------------

struct CircuitBreakers::Impl {
  struct Place {
    std::shared_ptr<BreakerBucket> bucket;
    Tick used{};
  };
  using Places = std::list<Place>;

  explicit Impl(BreakerConfig its_config, OnChange told)
      : config(std::make_shared<const BreakerConfig>(std::move(its_config))),
        on_change(std::move(told)) {}

  std::shared_ptr<BreakerBucket> use(std::string_view name, Tick present);
  std::shared_ptr<BreakerBucket> find(std::string_view name) const;
  void forget_idle(Tick present);
  void tell(const BreakerBucket& bucket, const std::optional<BreakerBucket::Change>& change) const;

  const std::shared_ptr<const BreakerConfig> config;
  const OnChange on_change;
  mutable std::mutex mutex;
  Places places;  // used last first
  // The keys are the buckets' own names.
  std::unordered_map<std::string_view, Places::iterator, TextHash, std::equal_to<>> by_name;
};

std::shared_ptr<BreakerBucket> CircuitBreakers::Impl::use(std::string_view name, Tick present) {
  const std::lock_guard lock(mutex);
  const auto known = by_name.find(name);
  if (known != by_name.end()) {
    places.splice(places.begin(), places, known->second);
    known->second->used = present;
    return known->second->bucket;
  }
  forget_idle(present);
  places.push_front({.bucket = std::make_shared<BreakerBucket>(name, config), .used = present});
  by_name.emplace(places.front().bucket->name(), places.begin());
  return places.front().bucket;
}

std::shared_ptr<BreakerBucket> CircuitBreakers::Impl::find(std::string_view name) const {
  const std::lock_guard lock(mutex);
  const auto known = by_name.find(name);
  return known == by_name.end() ? nullptr : known->second->bucket;
}

// Where a bucket comes, those that were idle for long go; at most a few at a time, so that nobody
// waits for many. One that is not closed stays as long as there is room.
void CircuitBreakers::Impl::forget_idle(Tick present) {
  constexpr int kMostLookedAt = 8;
  auto at = places.end();
  for (int looked = 0; looked < kMostLookedAt && at != places.begin(); ++looked) {
    --at;
    const bool is_full = places.size() >= config->most_buckets;
    if (!is_full && present - at->used < config->forget_after) return;
    const bool must_go = is_full && looked + 1 == kMostLookedAt;
    if (!at->bucket->is_forgettable() && !must_go) continue;
    by_name.erase(std::string_view(at->bucket->name()));
    at = places.erase(at);
  }
}

void CircuitBreakers::Impl::tell(const BreakerBucket& bucket,
                                 const std::optional<BreakerBucket::Change>& change) const {
  if (!change || !on_change) return;
  on_change(
      {.bucket = bucket.name(), .from = change->from, .to = change->to, .reason = change->reason});
}

CircuitBreakers::CircuitBreakers(BreakerConfig config, OnChange on_change)
    : impl_(std::make_shared<Impl>(std::move(config), std::move(on_change))) {}

CircuitBreakers::~CircuitBreakers() = default;

Expected<BreakerPermit> CircuitBreakers::allow(std::string_view name, Tick present) {
  std::shared_ptr<BreakerBucket> bucket = impl_->use(name, present);
  const BreakerBucket::Grant grant = bucket->allow(present);
  impl_->tell(*bucket, grant.change);
  if (!grant.is_allowed) {
    return Error{Error::Code::breaker_open, Phase::none, bucket->describe_refusal(present)};
  }
  BreakerPermit permit;
  permit.bucket_ = std::move(bucket);
  permit.generation_ = grant.generation;
  permit.place_ = grant.place;
  permit.is_probe_ = grant.is_probe;
  return permit;
}

void CircuitBreakers::report(BreakerPermit permit, BreakerVerdict verdict, Duration took,
                             Tick present) {
  if (!permit) return;
  const std::shared_ptr<BreakerBucket> bucket = std::move(permit.bucket_);
  const BreakerBucket::Grant grant{.is_allowed = true,
                                   .is_probe = permit.is_probe_,
                                   .generation = permit.generation_,
                                   .place = permit.place_};
  impl_->tell(*bucket, bucket->report(grant, verdict, took, present));
}

bool CircuitBreakers::is_closed(std::string_view name, Tick) const {
  const std::shared_ptr<BreakerBucket> bucket = impl_->find(name);
  return bucket == nullptr ? config().forced != BreakerConfig::Forced::open : bucket->is_closed();
}

void CircuitBreakers::force(std::string_view name, BreakerConfig::Forced forced) {
  const std::shared_ptr<BreakerBucket> bucket = impl_->use(name, tick_now());
  impl_->tell(*bucket, bucket->force(forced));
}

const BreakerConfig& CircuitBreakers::config() const {
  return *impl_->config;
}

std::optional<BreakerStats> CircuitBreakers::stats_of(std::string_view name, Tick present) const {
  const std::shared_ptr<BreakerBucket> bucket = impl_->find(name);
  if (bucket == nullptr) return std::nullopt;
  return bucket->stats(present);
}

std::vector<BreakerStats> CircuitBreakers::stats(Tick present) const {
  std::vector<BreakerStats> all;
  {
    const std::lock_guard lock(impl_->mutex);
    all.reserve(impl_->places.size());
    for (const Impl::Place& place : impl_->places) all.push_back(place.bucket->stats(present));
  }
  std::sort(all.begin(), all.end(),
            [](const BreakerStats& a, const BreakerStats& b) { return a.bucket < b.bucket; });
  return all;
}

// -- permits --------------------------------------------------------------------------------------

BreakerPermit::BreakerPermit(BreakerPermit&& other) noexcept {
  take(other);
}

BreakerPermit& BreakerPermit::operator=(BreakerPermit&& other) noexcept {
  if (this != &other) {
    give_up();
    take(other);
  }
  return *this;
}

BreakerPermit::~BreakerPermit() {
  give_up();
}

void BreakerPermit::take(BreakerPermit& other) noexcept {
  bucket_ = std::move(other.bucket_);
  generation_ = other.generation_;
  place_ = other.place_;
  is_probe_ = other.is_probe_;
}

void BreakerPermit::give_up() noexcept {
  if (bucket_ == nullptr) return;
  const BreakerBucket::Grant grant{
      .is_allowed = true, .is_probe = is_probe_, .generation = generation_, .place = place_};
  bucket_->report(grant, BreakerVerdict::excluded, {}, {});
  bucket_.reset();
}

}  // namespace xtrace
