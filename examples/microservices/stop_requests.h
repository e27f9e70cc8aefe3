#pragma once

/// `StopRequests` counts the signals that ask the process to end (INT, TERM) and wakes its loop for
/// each.
///
/// Make it before any other thread is started, for threads inherit who takes signals. A signal that
/// the process was started to ignore stays ignored.

#include <atomic>
#include <csignal>
#include <thread>

#include <xtrace/loop.h>

namespace xtrace::examples {

class StopRequests {
 public:
  /// `loop` outlives it.
  explicit StopRequests(Loop& loop);
  StopRequests(const StopRequests&) = delete;
  StopRequests& operator=(const StopRequests&) = delete;
  ~StopRequests();

  int count() const { return count_; }
  /// The last that came; 0 before.
  int signal() const { return signal_; }

 private:
  void wait_for_all(Loop& loop);

  sigset_t taken_{};
  sigset_t mask_before_{};
  std::atomic<int> count_ = 0;
  std::atomic<int> signal_ = 0;
  std::atomic<bool> is_ending_ = false;
  std::thread waiting_;
};

/// A deadline for those that wait for somebody else's word alone.
inline constexpr Duration kForever = Duration::max();

}  // namespace xtrace::examples
