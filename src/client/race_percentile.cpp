/// Races by percentile: see `race_percentile`.
///
/// What is seen depends on what is raced: an attempt that lost was cancelled, so nobody knows how
/// long it would have taken. Three rules keep that from moving the percentile by itself.
/// 1. A loser counts as exactly the threshold, never as the little more that its rival needed to
///    win: else, where about as many answers are slow as the percentile leaves, the threshold would
///    climb by a rival's answer with each window until nobody is raced.
/// 2. A loser that had taken less than the threshold (a rival that came for nothing) does not
/// count:
///    it says nothing, and its few moments would pull the threshold down.
/// 3. As rule 1 takes the brake away that a climbing threshold is, there is another: rivals are
/// paid
///    from an allowance that grows with each wave.

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <utility>

#include <xtrace/plan.h>
#include <xtrace/race_policy.h>

#include "client/latency_targets.h"

namespace xtrace {

namespace {

constexpr std::size_t kMostTargets = 1000;
constexpr double kMostAllowance = 10;
// Of what the percentile leaves. More than 1, as an attempt's rival is an answer that is not slow,
// and so more than 5 % of the waves begin slowly where 5 % of the answers are.
constexpr double kGenerosity = 1.25;

PercentileRace made_consistent(PercentileRace settings) {
  settings.percentile = settings.percentile >= 0 ? std::min(settings.percentile, 1.0) : 0;
  settings.window = std::clamp<std::size_t>(settings.window, 1, LatencyWindow::kMostValues);
  settings.minimum_seen = std::clamp<std::size_t>(settings.minimum_seen, 1, settings.window);
  settings.floor = std::max(settings.floor, Duration::zero());
  settings.ceiling = std::max(settings.ceiling, settings.floor);
  return settings;
}

// What is beyond the percentile; behind the greatest value of the window it is one in so many.
double income_of(const PercentileRace& settings) {
  const double beyond = 1.0 - settings.percentile;
  return kGenerosity * std::max(beyond, 1.0 / static_cast<double>(settings.window));
}

class PercentileRacer {
 public:
  explicit PercentileRacer(PercentileRace settings)
      : settings_(made_consistent(std::move(settings))),
        income_(income_of(settings_)),
        targets_(kMostTargets, settings_.window, kMostAllowance) {}

  std::optional<Duration> delay_for(const Execution& execution) {
    const std::lock_guard lock(mutex_);
    LatencyTarget& target = find_target(execution);
    const int rivals = execution.racing - 1;
    if (rivals <= 0) earn(target, income_);
    if (rivals >= settings_.rivals) return std::nullopt;
    return threshold_of(target);
  }

  bool starts(const Execution& execution) {
    if (!pays(execution)) return false;
    // Without the lock: it is somebody else's.
    if (settings_.start(execution)) return true;
    const std::lock_guard lock(mutex_);
    earn(find_target(execution), 1);
    return false;
  }

  void observe(const Execution& execution) {
    const AttemptRecord& attempt = execution.current();
    const Error* error = attempt.error();
    const bool has_lost = error != nullptr && error->code == Error::Code::redundant;
    if (!attempt.is_over || (error != nullptr && !has_lost)) return;
    const std::lock_guard lock(mutex_);
    LatencyTarget& target = find_target(execution);
    if (!has_lost) return target.window.add(attempt.duration());
    const std::optional<Duration> threshold = threshold_of(target);
    if (threshold && attempt.duration() >= *threshold) target.window.add(*threshold);
  }

 private:
  LatencyTarget& find_target(const Execution& execution) {
    if (!execution.target_id.empty()) return targets_.find(execution.target_id);
    const Url& url = execution.plan->request.url;
    std::array<char, 6> port{':'};
    const auto written = std::to_chars(port.data() + 1, port.data() + port.size(), url.port());
    name_.assign(url.host()).append(port.data(), written.ptr);
    return targets_.find(name_);
  }

  std::optional<Duration> threshold_of(const LatencyTarget& target) const {
    if (target.window.count() < settings_.minimum_seen) return std::nullopt;
    return std::clamp(target.window.quantile(settings_.percentile), settings_.floor,
                      settings_.ceiling);
  }

  bool pays(const Execution& execution) {
    const std::lock_guard lock(mutex_);
    LatencyTarget& target = find_target(execution);
    if (target.allowance < 1) return false;
    target.allowance -= 1;
    return true;
  }

  static void earn(LatencyTarget& target, double amount) {
    target.allowance = std::min(target.allowance + amount, kMostAllowance);
  }

  const PercentileRace settings_;
  const double income_;
  std::mutex mutex_;  // guards what is below
  LatencyTargets targets_;
  std::string name_;
};

}  // namespace

RacePolicy race_percentile(PercentileRace settings) {
  const auto racer = std::make_shared<PercentileRacer>(std::move(settings));
  return {.schedule = RaceSchedule(
              [racer](const Execution& execution) { return racer->delay_for(execution); }),
          .start =
              RaceStarter([racer](const Execution& execution) { return racer->starts(execution); }),
          .observe = [racer](const Execution& execution) { racer->observe(execution); }};
}

}  // namespace xtrace
