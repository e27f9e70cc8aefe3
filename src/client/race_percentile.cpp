/// Races by percentile: see `race_percentile`.
///
/// What is seen depends on what is raced: an attempt that lost was cancelled, so nobody knows how
/// long it would have taken. It counts with the time it had, which is more than the threshold, so
/// that the right part of the answers stays beyond that. Where that part is about as large as what
/// the percentile leaves, the threshold wanders, as it does not without races: it climbs by the
/// time of a rival's answer while a little more than 5 % are slow, and falls back as soon as a
/// little less are. Simulations (tests/client/race_feedback_test.cpp) show it to stay within a few
/// such answers. Counting losers as the threshold itself would stop that; but then it is below what
/// it should be, and useless rivals use the allowance up.
///
/// The allowance is the other brake. A threshold knows what is usual, and so comes too late where a
/// server slows down as a whole: for the first of a window's answers everybody would be raced.

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
    find_target(execution).window.add(attempt.duration());
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
