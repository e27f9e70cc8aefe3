#pragma once

/// `TestLoop` is a `Loop` for tests: it runs until a condition holds, at most 5 seconds, and checks
/// when it dies that no handle was left open.

#include <utility>

#include <doctest/doctest.h>
#include <uv.h>

#include <xtrace/loop.h>

#include "loop/timer.h"

namespace xtrace::testing {

class TestLoop {
 public:
  TestLoop() = default;
  TestLoop(const TestLoop&) = delete;
  TestLoop& operator=(const TestLoop&) = delete;
  ~TestLoop() { CHECK_MESSAGE(open_handles() == 0, "handles left open on the loop"); }

  Loop& loop() { return loop_; }
  operator Loop&() { return loop_; }  // NOLINT(google-explicit-constructor): it is a loop

  /// Runs turns until `done()`; fails the test case after 5 s.
  void run_until(Callback<bool()> done) {
    REQUIRE_MESSAGE(loop_.run_until(std::move(done), std::chrono::seconds(5)), "not within 5 s");
  }

  /// The same for what other threads make true without waking the loop: looks every millisecond.
  void run_until_threads(Callback<bool()> done) {
    Timer look(loop_);
    look.arm_every(std::chrono::milliseconds(1), [] {});
    run_until(std::move(done));
  }

  /// Runs `turns` turns without waiting for anything: what was closed is freed, what could be
  /// called has been.
  void spin(int turns = 4) {
    for (int i = 0; i < turns; ++i) uv_run(loop_.handle(), UV_RUN_NOWAIT);
  }

  /// Handles neither closed nor the loop's own.
  int open_handles() {
    spin();
    int count = 0;
    uv_walk(
        loop_.handle(),
        [](uv_handle_t* handle, void* counter) {
          // The loop's own handles (async, prepare, check) are unreferenced.
          if (uv_is_closing(handle) == 0 && uv_has_ref(handle) != 0) ++*static_cast<int*>(counter);
        },
        &count);
    return count;
  }

 private:
  Loop loop_;
};

}  // namespace xtrace::testing
