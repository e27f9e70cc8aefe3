#pragma once

/// `NextTurn` calls back on the loop's next turn: how an answer that is known at once keeps the
/// rule that no callback runs inside the call that registered it. It costs no system call. Those of
/// one loop run in the order of their calls. Destroying it means the callback never runs.

#include <cstdint>

#include <uv.h>

#include <xtrace/callback.h>
#include <xtrace/loop.h>

#include "loop/uv_handle.h"

namespace xtrace {

class NextTurn {
 public:
  explicit NextTurn(Loop& loop);
  NextTurn(const NextTurn&) = delete;
  NextTurn& operator=(const NextTurn&) = delete;
  ~NextTurn();

  /// Call `task` once, on the next turn. Only one can wait: a second takes the place of the first.
  /// `task` may destroy this object.
  void call(Callback<void()> task);
  bool is_pending() const { return static_cast<bool>(task_); }
  void cancel();

 private:
  struct Waiting;  // those of a thread, in the order of their calls

  static void on_idle(uv_idle_t* handle) noexcept;
  void run();

  UvPtr<uv_idle_t> handle_;  // an active idle handle keeps the loop from waiting
  Callback<void()> task_;
  // While it waits.
  std::uint64_t order_ = 0;
  NextTurn* previous_ = nullptr;
  NextTurn* next_ = nullptr;
};

}  // namespace xtrace
