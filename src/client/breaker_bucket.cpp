#include "client/breaker_bucket.h"

#include <algorithm>

namespace xtrace {

namespace {

constexpr Tick kFree{};

bool reaches(std::size_t part, std::size_t all, double rate) {
  return rate > 0 && static_cast<double>(part) >= rate * static_cast<double>(all);
}

/// `3.2 s`, `40 ms`
std::string in_words(Duration duration) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
  const auto tenths = (milliseconds + 99) / 100;
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text + " s";
}

}  // namespace

BreakerBucket::BreakerBucket(std::string_view name, std::shared_ptr<const BreakerConfig> config)
    : name_(name),
      config_(std::move(config)),
      window_(*config_),
      open_for_(config_->open_for),
      probes_(config_->probes, kFree) {}

// -- before an attempt ----------------------------------------------------------------------------

BreakerBucket::Grant BreakerBucket::allow(Tick present) {
  const std::lock_guard lock(mutex_);
  Grant grant;
  if (forced() == Forced::none) grant.change = end_open_phase(present);
  grant.generation = generation_;
  if (visible_state() == BreakerState::closed) {
    grant.is_allowed = true;
  } else if (forced() == Forced::none && state_ == BreakerState::half_open) {
    const auto place = take_place(present);
    grant.is_probe = grant.is_allowed = place.has_value();
    grant.place = place.value_or(0);
  }
  ++(grant.is_allowed ? allowed_ : rejected_);
  if (grant.is_allowed) ++out_;
  return grant;
}

// What has become due since somebody asked last.
std::optional<BreakerBucket::Change> BreakerBucket::end_open_phase(Tick present) {
  if (state_ == BreakerState::open && present >= opens_until_) {
    return change_to(BreakerState::half_open, "timer");
  }
  if (state_ == BreakerState::half_open && has_late_probe(present)) {
    return open("probe_late", present);
  }
  return std::nullopt;
}

bool BreakerBucket::has_late_probe(Tick present) const {
  return std::any_of(probes_.begin(), probes_.end(), [this, present](Tick since) {
    return since != kFree && present - since >= config_->probe_deadline;
  });
}

// Those that are out and those that did well make up the quota.
std::optional<std::size_t> BreakerBucket::take_place(Tick present) {
  const auto out =
      std::count_if(probes_.begin(), probes_.end(), [](Tick since) { return since != kFree; });
  if (static_cast<std::size_t>(out) + successes_ >= probes_.size()) return std::nullopt;
  const auto place = std::find(probes_.begin(), probes_.end(), kFree);
  *place = present;
  return static_cast<std::size_t>(place - probes_.begin());
}

// -- behind it ------------------------------------------------------------------------------------

std::optional<BreakerBucket::Change> BreakerBucket::report(const Grant& grant,
                                                           BreakerVerdict verdict, Duration took,
                                                           Tick present) {
  const std::lock_guard lock(mutex_);
  --out_;
  if (grant.generation != generation_) {
    if (verdict != BreakerVerdict::excluded) ++late_;
    return std::nullopt;
  }
  if (grant.is_probe) probes_[grant.place] = kFree;
  if (verdict == BreakerVerdict::excluded) return std::nullopt;
  const bool is_failure = verdict == BreakerVerdict::failure;
  const bool is_slow = config_->slow_call > Duration::zero() && took >= config_->slow_call;
  if (!grant.is_probe) return judge_closed(is_failure, is_slow, present);
  return judge_probe(is_failure || (is_slow && config_->slow_rate > 0), present);
}

std::optional<BreakerBucket::Change> BreakerBucket::judge_closed(bool is_failure, bool is_slow,
                                                                 Tick present) {
  window_.record(is_failure, is_slow, present);
  failures_in_row_ = is_failure ? failures_in_row_ + 1 : 0;
  if (forced() != Forced::none) return std::nullopt;
  const std::string_view reason = find_reason(window_.counts(present));
  if (reason.empty()) return std::nullopt;
  return open(reason, present);
}

std::string_view BreakerBucket::find_reason(const Counts& counts) const {
  const BreakerConfig& config = *config_;
  if (config.consecutive_failures > 0 && failures_in_row_ >= config.consecutive_failures)
    return "consecutive_failures";
  if (config.failures > 0 && counts.failures >= config.failures) return "failures";
  const bool is_by_calls = config.window == BreakerConfig::Window::calls;
  const std::size_t least =
      is_by_calls ? std::min(config.minimum_calls, config.window_calls) : config.minimum_calls;
  if (counts.calls < least) return {};
  if (counts.failures > 0 && reaches(counts.failures, counts.calls, config.failure_rate))
    return "failure_rate";
  if (counts.slow > 0 && reaches(counts.slow, counts.calls, config.slow_rate)) return "slow_rate";
  return {};
}

std::optional<BreakerBucket::Change> BreakerBucket::judge_probe(bool is_failure, Tick present) {
  if (is_failure) return open("probe_failed", present);
  if (++successes_ < probes_.size()) return std::nullopt;
  open_for_ = config_->open_for;
  return change_to(BreakerState::closed, "probes_succeeded");
}

// -- states ---------------------------------------------------------------------------------------

BreakerBucket::Change BreakerBucket::change_to(BreakerState state, std::string_view reason) {
  const Change change{.from = state_, .to = state, .reason = reason};
  state_ = state;
  ++generation_;
  window_.clear();
  failures_in_row_ = 0;
  successes_ = 0;
  std::fill(probes_.begin(), probes_.end(), kFree);
  return change;
}

BreakerBucket::Change BreakerBucket::open(std::string_view reason, Tick present) {
  const bool comes_back = state_ == BreakerState::half_open;
  if (comes_back)
    open_for_ = std::min(open_for_ * 2, std::max(config_->open_for_most, config_->open_for));
  reason_ = reason;
  when_opened_ = window_.counts(present);
  if (reason == "consecutive_failures") when_opened_.failures = failures_in_row_;
  opens_until_ = present + open_for_;
  ++opened_;
  return change_to(BreakerState::open, reason);
}

std::optional<BreakerBucket::Change> BreakerBucket::force(BreakerConfig::Forced forced) {
  const std::lock_guard lock(mutex_);
  const BreakerState before = visible_state();
  forced_ = forced;
  const BreakerState after = visible_state();
  if (before == after) return std::nullopt;
  ++generation_;
  std::fill(probes_.begin(), probes_.end(), kFree);
  return Change{.from = before, .to = after, .reason = "forced"};
}

BreakerBucket::Forced BreakerBucket::forced() const {
  return forced_ != Forced::none ? forced_ : config_->forced;
}

BreakerState BreakerBucket::visible_state() const {
  if (forced() == Forced::open) return BreakerState::open;
  return forced() == Forced::closed ? BreakerState::closed : state_;
}

// -- questions ------------------------------------------------------------------------------------

bool BreakerBucket::is_closed() const {
  const std::lock_guard lock(mutex_);
  return visible_state() == BreakerState::closed;
}

bool BreakerBucket::is_forgettable() const {
  const std::lock_guard lock(mutex_);
  return state_ == BreakerState::closed && forced_ == Forced::none && out_ == 0;
}

std::string BreakerBucket::describe_refusal(Tick present) const {
  const std::lock_guard lock(mutex_);
  const std::string name = "the circuit breaker of " + name_;
  if (forced() == Forced::open) return name + " is held open by hand";
  if (state_ == BreakerState::half_open) return name + " is half open, and its probe is under way";
  std::string text = name + " is open: ";
  const std::string failures = std::to_string(when_opened_.failures);
  const std::string calls = std::to_string(when_opened_.calls);
  if (reason_ == "consecutive_failures") {
    text += failures + " requests in a row failed";
  } else if (reason_ == "slow_rate") {
    text += std::to_string(when_opened_.slow) + " of " + calls + " requests were slow";
  } else if (reason_ == "probe_failed") {
    text += "its probe failed";
  } else if (reason_ == "probe_late") {
    text += "its probe took too long";
  } else {
    text += failures + " of " + calls + " requests failed";
    if (config_->window == BreakerConfig::Window::time)
      text += " in " + in_words(config_->window_time);
  }
  return text + "; it is tried again in " +
         in_words(std::max(opens_until_ - present, Duration::zero()));
}

BreakerStats BreakerBucket::stats(Tick present) {
  const std::lock_guard lock(mutex_);
  const Counts counts = state_ == BreakerState::open ? when_opened_ : window_.counts(present);
  BreakerStats stats{.bucket = name_,
                     .state = visible_state(),
                     .calls = counts.calls,
                     .failures = counts.failures,
                     .slow = counts.slow,
                     .consecutive_failures = failures_in_row_,
                     .allowed = allowed_,
                     .rejected = rejected_,
                     .opened = opened_,
                     .late = late_};
  if (forced() == Forced::none && state_ == BreakerState::open) {
    stats.opens_for = std::max(opens_until_ - present, Duration::zero());
  }
  return stats;
}

}  // namespace xtrace
