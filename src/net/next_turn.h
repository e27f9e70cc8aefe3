#pragma once

/// `NextTurn` calls back on the loop's next turn: how an answer that is known at once keeps the
/// rule that no callback runs inside the call that registered it. It costs no system call.
/// Destroying it means the callback never runs.

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

  /// Call `task` once, on the next turn. Only one can wait: a second replaces the first. `task` may
  /// destroy this object.
  void call(Callback<void()> task);
  bool is_pending() const { return static_cast<bool>(task_); }
  void cancel();

 private:
  static void on_idle(uv_idle_t* handle) noexcept;

  UvPtr<uv_idle_t> handle_;  // an active idle handle keeps the loop from waiting
  Callback<void()> task_;
};

}  // namespace xtrace
