#pragma once

/// `Loop` is the single thread everything else in xtrace runs on: a libuv loop, owned or borrowed.
///
/// Every object that takes a `Loop&` lives and dies on the loop's thread, and its callbacks run
/// there. `post()` is the one function that other threads may call. An owned loop is run by its
/// owner (`run()`, `run_until()`); a borrowed one is run by its host, and we never run, stop or
/// close it. Idle handles are unreferenced: they do not keep a host's loop alive.
///
/// Lifetime: a `Loop` outlives everything built on it. A host that lends a loop gives it one more
/// turn after the last xtrace object died, before `uv_loop_close`: libuv closes handles a turn
/// later.

#include <chrono>
#include <memory>
#include <thread>

#include <xtrace/callback.h>
#include <xtrace/clock.h>

struct uv_loop_s;

namespace xtrace {

class Loop {
 public:
  /// A loop of our own.
  Loop();
  /// The host's loop, which must outlive this object; call on its thread. It is told to count the
  /// time it waits (`UV_METRICS_IDLE_TIME`, for `delay_since`), which costs one more epoll_wait()
  /// in each turn that waits.
  static std::unique_ptr<Loop> borrow(uv_loop_s* loop);

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// On the loop's thread. An owned loop closes what is left open and runs its last turn.
  ~Loop();

  /// Run `task` on the loop's thread, on a later turn, in the order of posting. From any thread.
  /// What the loop's own thread posts keeps the loop alive until it has run; what others post does
  /// not. A task posted to a loop that dies first is destroyed, not run.
  void post(Callback<void()> task);

  /// Owned loops only: run until nothing referenced is left.
  void run();
  /// Owned loops only: run turns until `done()` is true, which is asked before each wait. Returns
  /// false if `deadline`, counted from now, passed first.
  bool run_until(Callback<bool()> done, Duration deadline);

  /// How late the loop is: the longest time, since `since`, that a descriptor of ours may have been
  /// ready before its callback ran, because the thread was busy with something else. An upper
  /// bound, sampled whenever the loop calls us; waits older than the last 256 are forgotten, waits
  /// under 50 us are not kept.
  Duration delay_since(Tick since) const;

  /// For callbacks that a ready descriptor caused, to be called first thing: takes the sample
  /// behind `delay_since`.
  void note_ready();

  bool is_loop_thread() const { return std::this_thread::get_id() == thread_; }
  /// For handles of the caller's own, made and closed on the loop's thread.
  uv_loop_s* handle() const;

 private:
  struct Impl;
  explicit Loop(uv_loop_s* borrowed);

  std::unique_ptr<Impl> impl_;
  std::thread::id thread_;
};

/// `LoopThread` owns a `Loop` and the thread that runs it, for hosts that have no loop of their
/// own.
///
/// Constructed means started; destruction drains what was posted, closes the loop and joins.
/// Whatever was built on the loop must be gone by then: make and destroy it in posted tasks.
class LoopThread {
 public:
  LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  /// From any thread but the loop's own.
  ~LoopThread();

  /// Valid as long as the `LoopThread`. From other threads only `loop().post()`.
  Loop& loop() { return *loop_; }

 private:
  Loop* loop_ = nullptr;  // lives on the thread's stack
  std::thread thread_;
};

}  // namespace xtrace
