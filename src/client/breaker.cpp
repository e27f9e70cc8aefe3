#include "client/breaker.h"

#include <algorithm>

#include "client/saturating.h"

namespace xtrace {

Breaker::Breaker(const BreakerConfig& config) : config_(config), window_(config) {
  probes_.reserve(config.probes);
  if (forced() != Forced::open) return;
  state_ = BreakerState::open;
  reason_ = "forced";
}

// -- time -----------------------------------------------------------------------------------------

BreakerAdvance Breaker::advance(Tick present) {
  BreakerAdvance advance;
  if (state_ == BreakerState::closed) return advance;
  const Course now = course(present);
  if (now.failed_phases != failed_phases_) advance.opened = open("probe_late", now.since);
  if (now.state != state_) advance.half_opened = change(now.state, "timer");
  return advance;
}

Breaker::Course Breaker::course(Tick present) const {
  Course course{.state = state_, .since = opened_at_, .failed_phases = failed_phases_};
  if (forced() != Forced::none) return course;
  if (state_ == BreakerState::half_open && !probes_.empty()) {
    const Tick first = *std::min_element(probes_.begin(), probes_.end());
    if (saturating_difference(present, first) >= config_.probe_deadline) {
      course.state = BreakerState::open;
      course.since = first + config_.probe_deadline;
      ++course.failed_phases;
    }
  }
  if (const auto left = opens_for(course, present); left && *left <= Duration::zero())
    course.state = BreakerState::half_open;
  return course;
}

std::optional<Duration> Breaker::opens_for(const Course& course, Tick present) const {
  if (course.state != BreakerState::open || forced() != Forced::none) return std::nullopt;
  return open_time(course.failed_phases) - saturating_difference(present, course.since);
}

Duration Breaker::open_time(std::size_t failed_phases) const {
  constexpr std::size_t kMostDoublings = 62;
  const Duration most = std::max(config_.open_for, config_.open_for_most);
  const std::size_t doublings = std::min(failed_phases, kMostDoublings);
  if (config_.open_for.count() > most.count() >> doublings) return most;
  return Duration(config_.open_for.count() << doublings);
}

// -- attempts -------------------------------------------------------------------------------------

std::optional<BreakerGrant> Breaker::allow(Tick present) {
  const bool has_room = probes_.size() + succeeded_ < config_.probes;
  const bool is_probe = state_ == BreakerState::half_open && has_room;
  if (state_ != BreakerState::closed && !is_probe) {
    ++rejected_;
    return std::nullopt;
  }
  if (is_probe) probes_.push_back(present);
  ++allowed_;
  return BreakerGrant{.generation = generation_, .is_probe = is_probe, .started = present};
}

std::optional<BreakerStep> Breaker::report(const BreakerGrant& grant, BreakerVerdict verdict,
                                           Duration took, Tick present) {
  if (grant.generation != generation_) {
    ++late_;
    return std::nullopt;
  }
  const BreakerCall call{
      .is_failure = verdict == BreakerVerdict::failure,
      .is_slow = config_.slow_call > Duration::zero() && took >= config_.slow_call};
  if (!grant.is_probe) return report_call(call, present);
  remove_probe(grant);
  return report_probe(call, present);
}

void Breaker::release(const BreakerGrant& grant) {
  if (grant.is_probe && grant.generation == generation_) remove_probe(grant);
}

std::optional<BreakerStep> Breaker::report_call(BreakerCall call, Tick present) {
  window_.add(call, present);
  consecutive_failures_ = call.is_failure ? consecutive_failures_ + 1 : 0;
  if (forced() != Forced::none) return std::nullopt;
  const std::string_view reason = reason_to_open(present);
  if (reason.empty()) return std::nullopt;
  return open(reason, present);
}

std::optional<BreakerStep> Breaker::report_probe(BreakerCall call, Tick present) {
  const bool is_too_slow = call.is_slow && config_.slow_rate > 0;
  if (call.is_failure || is_too_slow) return open("probe_failed", present);
  if (++succeeded_ < config_.probes) return std::nullopt;
  failed_phases_ = 0;
  return change(BreakerState::closed, "probes_succeeded");
}

// Probes that start together are alike.
void Breaker::remove_probe(const BreakerGrant& grant) {
  const auto probe = std::find(probes_.begin(), probes_.end(), grant.started);
  *probe = probes_.back();
  probes_.pop_back();
}

// -- states ---------------------------------------------------------------------------------------

std::optional<BreakerStep> Breaker::force(Forced forced_now) {
  const Forced before = forced();
  forced_itself_ = forced_now;
  if (forced() == before) return std::nullopt;
  failed_phases_ = 0;
  reason_ = "forced";
  const BreakerState to = forced() == Forced::open ? BreakerState::open : BreakerState::closed;
  opened_counts_ = {};
  opened_in_a_row_ = 0;
  if (to == BreakerState::open && state_ != to) ++opened_;
  const BreakerStep step = change(to, reason_);
  if (step.to == step.from) return std::nullopt;
  return step;
}

Breaker::Forced Breaker::forced() const {
  return forced_itself_ != Forced::none ? forced_itself_ : config_.forced;
}

std::string_view Breaker::reason_to_open(Tick present) const {
  const BreakerCounts counts = window_.counts(present);
  const bool is_of_calls = config_.window == BreakerConfig::Window::calls;
  const std::size_t minimum =
      is_of_calls ? std::min(config_.minimum_calls, config_.window_calls) : config_.minimum_calls;
  const auto reaches = [&counts](std::size_t part, double rate) {
    return rate > 0 && static_cast<double>(part) / static_cast<double>(counts.calls) >= rate;
  };
  const auto reaches_number = [](std::size_t part, std::size_t number) {
    return number > 0 && part >= number;
  };
  if (reaches_number(consecutive_failures_, config_.consecutive_failures))
    return "consecutive_failures";
  if (reaches_number(counts.failures, config_.failures)) return "failures";
  if (counts.calls < minimum) return {};
  if (reaches(counts.failures, config_.failure_rate)) return "failure_rate";
  return reaches(counts.slow, config_.slow_rate) ? "slow_rate" : "";
}

BreakerStep Breaker::open(std::string_view reason, Tick at) {
  if (state_ == BreakerState::half_open) ++failed_phases_;
  reason_ = reason;
  opened_counts_ = window_.counts(at);
  opened_in_a_row_ = consecutive_failures_;
  opened_at_ = at;
  ++opened_;
  return change(BreakerState::open, reason);
}

BreakerStep Breaker::change(BreakerState to, std::string_view reason) {
  const BreakerStep step{.from = state_, .to = to, .reason = reason};
  state_ = to;
  ++generation_;
  probes_.clear();
  succeeded_ = 0;
  window_.clear();
  consecutive_failures_ = 0;
  return step;
}

// -- what is told ---------------------------------------------------------------------------------

BreakerStats Breaker::stats(Tick present) const {
  const Course now = course(present);
  const bool is_open = state_ == BreakerState::open && now.state == state_;
  const BreakerCounts counts = is_open ? opened_counts_ : window_.counts(present);
  return {.bucket = {},
          .state = now.state,
          .calls = counts.calls,
          .failures = counts.failures,
          .slow = counts.slow,
          .consecutive_failures = is_open ? opened_in_a_row_ : consecutive_failures_,
          .allowed = allowed_,
          .rejected = rejected_,
          .opened = opened_,
          .late = late_,
          .opens_for = opens_for(now, present)};
}

BreakerRefusal Breaker::refusal(Tick present) const {
  return {.is_forced = forced() != Forced::none,
          .state = state_,
          .reason = reason_,
          .counts = opened_counts_,
          .consecutive_failures = opened_in_a_row_,
          .opens_for = opens_for(course(present), present)};
}

}  // namespace xtrace
