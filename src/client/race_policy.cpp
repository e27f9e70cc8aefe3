#include <algorithm>
#include <mutex>
#include <utility>

#include <xtrace/execution.h>
#include <xtrace/race_policy.h>

#include "base/assert.h"
#include "client/saturating.h"

namespace xtrace {

RaceSchedule::RaceSchedule(Function next) : next_(std::move(next)) {
  XTRACE_ASSERT(next_ != nullptr);
}

RaceStarter::RaceStarter(Function starts) : starts_(std::move(starts)) {
  XTRACE_ASSERT(starts_ != nullptr);
}

RaceSchedule race_after(std::vector<Duration> delays) {
  for (Duration& delay : delays) delay = std::max(delay, Duration::zero());
  return RaceSchedule(
      [delays = std::move(delays)](const Execution& execution) -> std::optional<Duration> {
        const auto racing = static_cast<std::size_t>(std::max(execution.racing, 1));
        if (racing > delays.size()) return std::nullopt;
        return delays[racing - 1];
      });
}

RaceStarter start_always() {
  return RaceStarter([](const Execution&) { return true; });
}

RaceStarter start_never() {
  return RaceStarter([](const Execution&) { return false; });
}

RacePolicy RacePolicy::never() {
  return {.schedule = RaceSchedule([](const Execution&) { return std::nullopt; }),
          .start = start_never()};
}

// -- throttled ------------------------------------------------------------------------------------

namespace {

/// When the latest rivals started. What one limit refuses none of them counts, so one list serves
/// all.
class Throttle {
 public:
  explicit Throttle(std::vector<RaceLimit> limits) : limits_(std::move(limits)) {
    for (const RaceLimit& limit : limits_) most_ = std::max(most_, limit.attempts);
  }

  /// From any thread.
  bool takes(Tick present) {
    const std::lock_guard lock(mutex_);
    const auto allows = [&](const RaceLimit& limit) { return has_room(limit, present); };
    if (!std::all_of(limits_.begin(), limits_.end(), allows)) return false;
    keep(present);
    return true;
  }

 private:
  bool has_room(const RaceLimit& limit, Tick present) const {
    if (limit.attempts == 0) return false;
    if (starts_.size() < limit.attempts) return true;
    const std::size_t at = (next_ + starts_.size() - limit.attempts) % starts_.size();
    return saturating_difference(present, starts_[at]) >= limit.period;
  }

  // Threads that read the clock one after the other may come in the other order.
  void keep(Tick present) {
    if (most_ == 0) return;
    if (!starts_.empty()) {
      present = std::max(present, starts_[(next_ + starts_.size() - 1) % starts_.size()]);
    }
    if (starts_.size() < most_) {
      starts_.push_back(present);
      next_ = starts_.size() % most_;
    } else {
      starts_[next_] = present;
      next_ = (next_ + 1) % most_;
    }
  }

  const std::vector<RaceLimit> limits_;
  std::size_t most_ = 0;
  std::mutex mutex_;          // guards what is below
  std::vector<Tick> starts_;  // a ring once it has `most_`
  std::size_t next_ = 0;
};

}  // namespace

RaceStarter start_throttled(std::vector<RaceLimit> limits) {
  auto throttle = std::make_shared<Throttle>(std::move(limits));
  return RaceStarter([throttle = std::move(throttle)](const Execution& execution) {
    return throttle->takes(execution.present);
  });
}

}  // namespace xtrace
