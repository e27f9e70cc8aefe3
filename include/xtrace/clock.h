#pragma once

/// Time, twice: the wall clock says when something happened, the monotonic clock says how long it
/// took.
///
/// Durations always come from ticks. The wall clock is read once per call or segment and never
/// subtracted.

#include <chrono>
#include <functional>

namespace xtrace {

using Tick = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::nanoseconds;

/// One moment on both clocks.
struct TimePoint {
  WallTime wall{};
  Tick tick{};

  friend bool operator==(const TimePoint&, const TimePoint&) = default;
};

/// A clock is a function, so that a test moves time by assigning a variable. It may be called from
/// any thread.
using Clock = std::function<TimePoint()>;

/// The clocks of the machine.
Clock system_clock();

/// One moment on both clocks of the machine.
TimePoint now();

/// Seconds since the Unix epoch, as X-Ray's `start_time` and `end_time` want them.
double epoch_seconds(WallTime wall);

}  // namespace xtrace
