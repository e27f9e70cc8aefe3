#include "client/alarm.h"

#include <utility>

namespace xtrace {

Alarm::Alarm(Loop& loop, Callback<void()> on_due) : timer_(loop), on_due_(std::move(on_due)) {
  timer_.unref();
}

Alarm::~Alarm() = default;

void Alarm::set(Tick due) {
  const bool was_wanted = due_ != kNever;
  due_ = due;
  if (due == kNever) {
    if (was_wanted) timer_.unref();
    return;
  }
  if (!was_wanted) timer_.ref();
  if (due < armed_for_) arm(due);
}

void Alarm::arm(Tick due) {
  armed_for_ = due;
  timer_.arm(due - tick_now(), [this] { look(); });
}

void Alarm::look() {
  armed_for_ = kNever;
  if (due_ == kNever) return;
  if (tick_now() < due_) return arm(due_);
  due_ = kNever;
  timer_.unref();
  on_due_();
}

}  // namespace xtrace
