#pragma once

/// What one breaker does, slowly and plainly: it keeps everything and counts it over each time.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/circuit_breaker.h>

namespace xtrace::testing {

class BreakerModel {
 public:
  using State = BreakerState;
  using Forced = BreakerConfig::Forced;

  struct Attempt {
    int generation = 0;
    bool is_probe = false;
    Tick started{};
    bool is_out = true;
  };

  explicit BreakerModel(const BreakerConfig& config) : config_(config) {}

  void move_to(Tick present) { present_ = std::max(present_, present); }

  /// The number of the attempt, if there may be one.
  std::optional<std::size_t> allow() {
    settle();
    const bool is_probe = state_ == State::half_open;
    const bool is_full = probes_out() + probes_well_ >= config_.probes;
    if (state_ == State::open || (is_probe && is_full)) {
      ++totals.rejected;
      return std::nullopt;
    }
    ++totals.allowed;
    attempts_.push_back({.generation = generation_, .is_probe = is_probe, .started = present_});
    return attempts_.size() - 1;
  }

  void destroy(std::size_t number) { attempts_[number].is_out = false; }

  void report(std::size_t number, BreakerVerdict verdict, Duration took) {
    settle();
    Attempt& attempt = attempts_[number];
    attempt.is_out = false;
    if (verdict == BreakerVerdict::excluded) return;
    if (attempt.generation != generation_) {
      ++totals.late;
      return;
    }
    const bool is_slow = config_.slow_call.count() != 0 && took >= config_.slow_call;
    const bool is_failure = verdict == BreakerVerdict::failure;
    if (attempt.is_probe) return end_probe(is_failure || (is_slow && config_.slow_rate != 0));
    calls_.push_back({present_, is_failure, is_slow});
    if (forced_ == Forced::none) look_at_limits();
  }

  void force(Forced forced) {
    if (forced == forced_) return;
    forced_ = forced;
    failed_phases_ = 0;
    if (forced == Forced::open && state_ != State::open) ++totals.opened;
    enter(forced == Forced::open ? State::open : State::closed, "forced");
    when_opened_ = {};
  }

  bool is_closed() const { return state_ == State::closed; }
  const Attempt& attempt(std::size_t number) const { return attempts_[number]; }

  /// Asking moves nothing.
  BreakerStats stats(Tick present) const {
    BreakerModel later = *this;
    later.move_to(present);
    later.settle();
    BreakerStats stats = later.state_ == State::open ? later.when_opened_ : later.count();
    stats.state = later.state_;
    stats.allowed = totals.allowed;
    stats.rejected = totals.rejected;
    stats.opened = totals.opened;
    stats.late = totals.late;
    if (later.state_ == State::open && forced_ == Forced::none)
      stats.opens_for = later.opens_until() - later.present_;
    return stats;
  }

  std::size_t probes_out() const {
    return static_cast<std::size_t>(
        std::count_if(attempts_.begin(), attempts_.end(), [this](const Attempt& attempt) {
          return attempt.is_out && attempt.is_probe && attempt.generation == generation_;
        }));
  }

  BreakerStats totals;
  std::vector<std::string> told;

 private:
  struct Call {
    Tick at{};
    bool is_failure = false;
    bool is_slow = false;
  };

  // What timers would have done, in the order in which they would have.
  void settle() {
    while (forced_ == Forced::none) {
      if (state_ == State::open && opens_until() <= present_) {
        enter(State::half_open, "timer");
        continue;
      }
      std::optional<Tick> due;
      for (const Attempt& attempt : attempts_) {
        if (!attempt.is_out || !attempt.is_probe || attempt.generation != generation_) continue;
        const Tick its = attempt.started + config_.probe_deadline;
        due = due ? std::min(*due, its) : its;
      }
      if (!due || *due > present_) return;
      ++failed_phases_;
      open("probe_late", *due);
    }
  }

  Tick opens_until() const {
    Duration open_for = config_.open_for;
    for (int i = 0; i < failed_phases_; ++i)
      open_for = std::max(config_.open_for, std::min(open_for * 2, config_.open_for_most));
    return opened_ + open_for;
  }

  void end_probe(bool is_failure) {
    if (is_failure) {
      ++failed_phases_;
      open("probe_failed", present_);
    } else if (++probes_well_ == config_.probes) {
      failed_phases_ = 0;
      enter(State::closed, "probes_succeeded");
    }
  }

  void look_at_limits() {
    const BreakerStats now = count();
    const bool is_of_calls = config_.window == BreakerConfig::Window::calls;
    const auto is_enough =
        now.calls >= config_.minimum_calls || (is_of_calls && now.calls >= config_.window_calls);
    const auto percent = [&now](std::size_t part) { return 100 * part / now.calls; };
    const auto limit = [](double rate) { return static_cast<std::size_t>(100 * rate); };
    if (config_.consecutive_failures != 0 &&
        now.consecutive_failures >= config_.consecutive_failures) {
      open("consecutive_failures", present_);
    } else if (config_.failures != 0 && now.failures >= config_.failures) {
      open("failures", present_);
    } else if (is_enough && config_.failure_rate != 0 &&
               percent(now.failures) >= limit(config_.failure_rate)) {
      open("failure_rate", present_);
    } else if (is_enough && config_.slow_rate != 0 &&
               percent(now.slow) >= limit(config_.slow_rate)) {
      open("slow_rate", present_);
    }
  }

  bool is_in_window(std::size_t number) const {
    if (config_.window == BreakerConfig::Window::calls)
      return number + config_.window_calls >= calls_.size();
    const Duration slice = config_.window_time / 10;
    const auto slice_of = [slice](Tick tick) { return tick.time_since_epoch() / slice; };
    return slice_of(calls_[number].at) > slice_of(present_) - 10;
  }

  BreakerStats count() const {
    BreakerStats stats;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      const Call& call = calls_[i];
      stats.consecutive_failures = call.is_failure ? stats.consecutive_failures + 1 : 0;
      if (!is_in_window(i)) continue;
      ++stats.calls;
      if (call.is_failure) ++stats.failures;
      if (call.is_slow) ++stats.slow;
    }
    return stats;
  }

  void open(const std::string& reason, Tick at) {
    when_opened_ = count();
    opened_ = at;
    ++totals.opened;
    enter(State::open, reason);
  }

  void enter(State to, const std::string& reason) {
    if (to != state_) {
      told.push_back(std::string(to_string(state_)) + " to " + std::string(to_string(to)) + ": " +
                     reason);
    }
    state_ = to;
    ++generation_;
    probes_well_ = 0;
    calls_.clear();
  }

  BreakerConfig config_;
  Tick present_{};
  State state_ = State::closed;
  Forced forced_ = Forced::none;
  int generation_ = 0;
  std::vector<Attempt> attempts_;
  std::vector<Call> calls_;  // of this generation
  Tick opened_{};
  BreakerStats when_opened_;
  int failed_phases_ = 0;
  std::size_t probes_well_ = 0;
};

}  // namespace xtrace::testing
