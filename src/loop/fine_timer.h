#pragma once

/// `FineTimer` calls back at a moment, to within what the kernel's own clock can do: where `Timer`
/// counts in whole milliseconds, this one is late by some microseconds on an idle loop.
///
/// It costs a descriptor (timerfd). Where the system has none left, or none of the kind, it counts
/// in milliseconds as well.

#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "loop/timer.h"
#include "loop/uv_handle.h"

namespace xtrace {

class FineTimer {
 public:
  /// `on_due` runs on the loop's thread each time the timer is due, once for each time it was
  /// armed. It may arm the timer again, and must not destroy it.
  FineTimer(Loop& loop, Callback<void()> on_due);
  FineTimer(const FineTimer&) = delete;
  FineTimer& operator=(const FineTimer&) = delete;
  ~FineTimer();

  /// Never early. Arming an armed timer replaces its moment; one that has passed is due on the
  /// next turn.
  void arm(Tick due);
  void disarm();

 private:
  static void on_ready(uv_poll_t* handle, int status, int events) noexcept;
  void watch(Loop& loop);

  int descriptor_ = -1;
  Callback<void()> on_due_;
  UvPtr<uv_poll_t> handle_;  // null where there is no descriptor
  Timer fallback_;
};

}  // namespace xtrace
