#include "client/breaker_set.h"

#include <algorithm>
#include <utility>

#include "client/breaker_refusal.h"
#include "client/saturating.h"

namespace xtrace {

BreakerSet::BreakerSet(BreakerConfig config, CircuitBreakers::OnChange on_change)
    : config_(std::move(config)), on_change_(std::move(on_change)) {}

BreakerSet::~BreakerSet() = default;

// -- attempts -------------------------------------------------------------------------------------

Expected<BreakerSet::Permit> BreakerSet::allow(std::string_view name, Tick present) {
  AllNews news;
  Permit permit;
  BreakerRefusal refusal;
  {
    const std::lock_guard lock(mutex_);
    look_at_clock(present);
    BreakerBucket& bucket = find_or_make(name, news);
    bucket.unlink();  // it is asked, hence not idle
    forget_idle();
    advance(bucket, news);
    if (const auto grant = bucket.breaker.allow(present_)) {
      ++bucket.permits;
      permit = {.bucket = &bucket, .grant = *grant};
    } else {
      refusal = bucket.breaker.refusal(present_);
    }
    shelve(bucket);
  }
  tell(news);
  if (permit.bucket == nullptr) return refusal_error(name, refusal, config_);
  return permit;
}

void BreakerSet::report(const Permit& permit, BreakerVerdict verdict, Duration took, Tick present) {
  AllNews news;
  {
    const std::lock_guard lock(mutex_);
    look_at_clock(present);
    BreakerBucket& bucket = *permit.bucket;
    advance(bucket, news);
    if (verdict == BreakerVerdict::excluded) {
      bucket.breaker.release(permit.grant);
    } else {
      note(bucket, bucket.breaker.report(permit.grant, verdict, took, present_), news);
    }
    --bucket.permits;
    shelve(bucket);
  }
  tell(news);
}

void BreakerSet::release(const Permit& permit) {
  const std::lock_guard lock(mutex_);
  BreakerBucket& bucket = *permit.bucket;
  bucket.breaker.release(permit.grant);
  --bucket.permits;
  shelve(bucket);
}

bool BreakerSet::is_closed(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto known = buckets_.find(name);
  if (known == buckets_.end()) return config_.forced != Forced::open;
  return known->second->breaker.state() == BreakerState::closed;
}

void BreakerSet::force(std::string_view name, Forced forced) {
  AllNews news;
  {
    const std::lock_guard lock(mutex_);
    if (forced == Forced::none && buckets_.find(name) == buckets_.end()) return;
    BreakerBucket& bucket = find_or_make(name, news);
    note(bucket, bucket.breaker.force(forced), news);
    shelve(bucket);
  }
  tell(news);
}

// -- what is told ---------------------------------------------------------------------------------

std::optional<BreakerStats> BreakerSet::stats_of(std::string_view name, Tick present) const {
  const std::lock_guard lock(mutex_);
  const auto known = buckets_.find(name);
  if (known == buckets_.end()) return std::nullopt;
  BreakerStats stats = known->second->breaker.stats(std::max(present, present_));
  stats.bucket = name;
  return stats;
}

std::vector<BreakerStats> BreakerSet::stats(Tick present) const {
  std::vector<BreakerStats> all;
  {
    const std::lock_guard lock(mutex_);
    all.reserve(buckets_.size());
    for (const auto& [name, bucket] : buckets_) {
      all.push_back(bucket->breaker.stats(std::max(present, present_)));
      all.back().bucket = name;
    }
  }
  std::sort(all.begin(), all.end(), [](const BreakerStats& left, const BreakerStats& right) {
    return left.bucket < right.bucket;
  });
  return all;
}

void BreakerSet::tell(const AllNews& news) const {
  for (const News& what : news) {
    on_change_({.bucket = what.bucket,
                .from = what.step.from,
                .to = what.step.to,
                .reason = what.step.reason});
  }
}

// -- under the lock -------------------------------------------------------------------------------

// Threads may come in another order than they looked at their clocks.
void BreakerSet::look_at_clock(Tick present) {
  present_ = std::max(present_, present);
}

BreakerBucket& BreakerSet::find_or_make(std::string_view name, AllNews& news) {
  const auto known = buckets_.find(name);
  if (known != buckets_.end()) return *known->second;
  forget_surplus(news);
  auto bucket = std::make_unique<BreakerBucket>(name, config_);
  const std::string_view key = bucket->name;
  return *buckets_.emplace(key, std::move(bucket)).first->second;
}

// Two at a time: each call makes one at most, so those that are due do not pile up.
void BreakerSet::forget_idle() {
  for (int i = 0; i < 2; ++i) {
    BreakerBucket* bucket = idle_.front();
    const bool is_due =
        bucket != nullptr && saturating_difference(present_, bucket->used) >= config_.forget_after;
    if (!is_due) return;
    forget(*bucket);
  }
}

void BreakerSet::forget_surplus(AllNews& news) {
  while (buckets_.size() >= config_.most_buckets) {
    BreakerBucket* bucket = idle_.empty() ? idle_and_open_.front() : idle_.front();
    if (bucket == nullptr) return;
    const BreakerState state = bucket->breaker.state();
    if (state != BreakerState::closed)
      note(*bucket, BreakerStep{.from = state, .to = BreakerState::closed, .reason = "forgotten"},
           news);
    forget(*bucket);
  }
}

void BreakerSet::forget(BreakerBucket& bucket) {
  bucket.unlink();
  // Not by its name, which goes with it.
  buckets_.erase(buckets_.find(bucket.name));
}

void BreakerSet::advance(BreakerBucket& bucket, AllNews& news) {
  const BreakerAdvance advance = bucket.breaker.advance(present_);
  note(bucket, advance.opened, news);
  note(bucket, advance.half_opened, news);
}

void BreakerSet::note(const BreakerBucket& bucket, const std::optional<BreakerStep>& step,
                      AllNews& news) {
  if (step && on_change_) news.push_back({.bucket = bucket.name, .step = *step});
}

void BreakerSet::shelve(BreakerBucket& bucket) {
  bucket.used = present_;
  const bool is_closed = bucket.breaker.state() == BreakerState::closed;
  if (bucket.permits > 0 || bucket.breaker.is_forced_itself()) {
    bucket.unlink();
  } else {
    (is_closed ? idle_ : idle_and_open_).push_back(bucket);
  }
}

}  // namespace xtrace
