#pragma once

/// `Timer` calls back once, or again and again, on the loop's thread. Destroying or disarming it
/// means it never does.
///
/// A timer is never early and, on an idle loop, about a millisecond late: libuv counts in whole
/// ones.

#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "loop/uv_handle.h"

namespace xtrace {

/// Now, on the clock that durations come from.
inline Tick tick_now() {
  return std::chrono::steady_clock::now();
}

/// The moment `delay` from now. A delay of more than a century, `Duration::max()` say, is a
/// century.
Tick tick_after(Duration delay);

class Timer {
 public:
  explicit Timer(Loop& loop);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  /// Call `on_due` once after `delay`. Arming an armed timer replaces what it waited for. The
  /// callback may destroy the timer.
  void arm(Duration delay, Callback<void()> on_due);
  /// Call `on_due` every `period`, first after one period.
  void arm_every(Duration period, Callback<void()> on_due);
  void disarm();
  bool is_armed() const;

  /// Let the loop end while this timer waits (idle timers), or not (the default).
  void unref();
  void ref();

 private:
  static void on_timer(uv_timer_t* handle) noexcept;
  void start(Duration delay, Duration period, Callback<void()> on_due);
  void wait(Tick present, Tick due);

  UvPtr<uv_timer_t> handle_;
  Callback<void()> on_due_;
  Tick due_{};
  Duration period_{};  // zero: once
};

}  // namespace xtrace
