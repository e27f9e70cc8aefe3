#pragma once

/// `Alarm` is a timer for what is set far more often than it is due: a deadline of 5 s on requests
/// that take a millisecond.
///
/// Setting it later, or not at all any more, leaves libuv's timer as it is: when that is due it
/// looks again. So the usual request costs neither arming nor disarming. While nothing is wanted
/// the loop may end.

#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "loop/timer.h"

namespace xtrace {

class Alarm {
 public:
  static constexpr Tick kNever = Tick::max();

  /// `on_due` runs each time a moment that was set has come, on the loop's thread; nothing is set
  /// then. It may destroy the alarm.
  Alarm(Loop& loop, Callback<void()> on_due);
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm();

  /// In place of what was set; `kNever` sets nothing.
  void set(Tick due);

 private:
  void arm(Tick due);
  void look();

  Timer timer_;
  Callback<void()> on_due_;
  Tick due_ = kNever;
  Tick armed_for_ = kNever;
};

}  // namespace xtrace
