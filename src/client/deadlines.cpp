#include "client/deadlines.h"

#include <algorithm>
#include <utility>

namespace xtrace {

Deadlines::Deadlines(Loop& loop, Callback<void(Limit)> on_struck)
    : loop_(loop), on_struck_(std::move(on_struck)) {
  due_.fill(kNever);
}

Deadlines::~Deadlines() = default;

void Deadlines::set(Limit limit, Duration after) {
  if (after <= Duration::zero()) return;
  due_[static_cast<std::size_t>(limit)] = tick_after(after);
  wait_for_earliest();
}

// The timer is left running: it finds nothing due and waits for the next. That keeps clearing a
// limit, and moving it away, free of timer calls.
void Deadlines::clear(Limit limit) {
  due_[static_cast<std::size_t>(limit)] = kNever;
}

void Deadlines::clear_all() {
  due_.fill(kNever);
  waits_until_ = kNever;
  if (timer_) timer_->disarm();
}

void Deadlines::wait_for_earliest() {
  const Tick earliest = *std::min_element(due_.begin(), due_.end());
  if (earliest >= waits_until_) return;
  waits_until_ = earliest;
  if (!timer_) timer_.emplace(loop_);
  timer_->arm(earliest - tick_now(), [this] { check(); });
}

void Deadlines::check() {
  waits_until_ = kNever;
  const auto earliest = std::min_element(due_.begin(), due_.end());
  if (*earliest == kNever) return;
  if (*earliest > tick_now()) return wait_for_earliest();
  *earliest = kNever;
  const auto limit = static_cast<Limit>(earliest - due_.begin());
  wait_for_earliest();
  on_struck_(limit);  // may destroy this
}

}  // namespace xtrace
