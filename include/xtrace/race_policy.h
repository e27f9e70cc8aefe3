#pragma once

/// `RacePolicy`: when a rival is started beside an attempt that is slow.
///
/// Two steps, so that circumstances may veto: a schedule says when to consider the next attempt of
/// the wave, a starter says yes or no at that moment. The first attempt of the wave that ends stops
/// new starts; the first that is final makes the others redundant and cancels them.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <xtrace/clock.h>

namespace xtrace {

struct Execution;

/// Asked behind each start of an attempt, which is the current one: how long after it to consider a
/// rival. Zero is at once; unset: no more in this wave.
class RaceSchedule {
 public:
  using Function = std::function<std::optional<Duration>(const Execution&)>;

  explicit RaceSchedule(Function next);
  std::optional<Duration> operator()(const Execution& execution) const { return next_(execution); }

 private:
  Function next_;
};

/// Asked when the time has come. False closes the wave to new attempts.
class RaceStarter {
 public:
  using Function = std::function<bool(const Execution&)>;

  explicit RaceStarter(Function starts);
  bool operator()(const Execution& execution) const { return starts_(execution); }

 private:
  Function starts_;
};

/// The n-th delay between the n-th attempt of the wave and the next: {250 ms, 500 ms} starts at 0,
/// 250 and 750 ms.
RaceSchedule race_after(std::vector<Duration> delays);

RaceStarter start_always();
RaceStarter start_never();

struct RaceLimit {
  std::size_t attempts = 0;  ///< 0: none at all.
  Duration period{};
};

/// No more rivals than every limit allows within its period, over all executions that share the
/// starter or a copy of it, in whatever threads. Only what may start is counted: what one limit
/// refuses uses nothing of another.
RaceStarter start_throttled(std::vector<RaceLimit> limits);

struct RacePolicy {
  RaceSchedule schedule;
  RaceStarter start = start_always();
  /// Told of every attempt that is over, while it is the current one; may be unset.
  std::function<void(const Execution&)> observe{};

  static RacePolicy never();
};

struct PercentileRace {
  double percentile = 0.95;        ///< Rivals start behind this part of the answers seen.
  std::size_t minimum_seen = 100;  ///< Before so many, nobody is raced.
  std::size_t window = 1000;       ///< So many of the latest count.
  Duration floor = std::chrono::milliseconds(1);  ///< Never earlier.
  Duration ceiling = std::chrono::seconds(10);    ///< Never later.
  int rivals = 1;                                 ///< In one wave.
  RaceStarter start = start_always();
};

/// Starts a rival when an attempt is slower than most answers that were seen, per target (without
/// one: host and port). Attempts that lost count with the time they had taken, which is less than
/// they would have; those that failed do not count. Executions share what was seen through copies
/// of the policy, in whatever threads.
///
/// Rivals are paid from an allowance: each wave adds 1.25 times the part beyond the percentile, and
/// no more than ten are saved up. So a percentile of 0.95 costs at most 6.25 % more attempts in the
/// long run, even where the whole server slows down at once. The 1,000 targets used last are known,
/// with at most 65,535 answers each.
RacePolicy race_percentile(PercentileRace settings);

}  // namespace xtrace
