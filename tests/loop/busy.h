#pragma once

/// Keeps the thread busy, which is not the same as sleeping: the loop's turn is as long as the
/// work.

#include <chrono>

#include <xtrace/clock.h>

namespace xtrace::testing {

inline void stay_busy(Duration time) {
  const Tick end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

}  // namespace xtrace::testing
