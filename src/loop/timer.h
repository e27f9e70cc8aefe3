#pragma once

/// `Timer` calls back once, or again and again, on the loop's thread. Destroying or disarming it
/// means it never does.
///
/// libuv's timers have millisecond resolution and are never early: a timer armed for 250 ms fires
/// at 250 ms or later.

#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "loop/uv_handle.h"

namespace xtrace {

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

 private:
  static void on_timer(uv_timer_t* handle) noexcept;
  void start(Duration delay, Duration period, Callback<void()> on_due);

  UvPtr<uv_timer_t> handle_;
  Callback<void()> on_due_;
};

}  // namespace xtrace
