#pragma once

/// `TurnEnd` calls back before the loop waits, and once more after what it waited for was served:
/// so between the two, everything that a turn does is done.
///
/// It does not keep the loop running. Destroying it means that it never calls again.

#include <memory>

#include <xtrace/callback.h>
#include <xtrace/loop.h>

#include "loop/uv_handle.h"

namespace xtrace {

class TurnEnd {
 public:
  /// On the loop's thread. The callback may destroy the object.
  TurnEnd(Loop& loop, Callback<void()> on_end);
  TurnEnd(const TurnEnd&) = delete;
  TurnEnd& operator=(const TurnEnd&) = delete;
  ~TurnEnd();

 private:
  static void on_prepare(uv_prepare_t* handle) noexcept;
  static void on_check(uv_check_t* handle) noexcept;

  UvPtr<uv_prepare_t> prepare_;
  UvPtr<uv_check_t> check_;
  std::shared_ptr<Callback<void()>> on_end_;  // shared by a running call, which may be the last
};

}  // namespace xtrace
