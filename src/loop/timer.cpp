#include "loop/timer.h"

#include <algorithm>
#include <utility>

namespace xtrace {

namespace {

// Rounded up: a timer is never early.
std::uint64_t to_milliseconds(Duration duration) {
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(rounded, 0));
}

}  // namespace

Timer::Timer(Loop& loop) : handle_(new uv_timer_t{}) {
  uv_timer_init(loop.handle(), handle_.get());
  handle_->data = this;
}

Timer::~Timer() = default;

void Timer::arm(Duration delay, Callback<void()> on_due) {
  start(delay, Duration::zero(), std::move(on_due));
}

void Timer::arm_every(Duration period, Callback<void()> on_due) {
  start(period, period, std::move(on_due));
}

void Timer::disarm() {
  uv_timer_stop(handle_.get());
  on_due_ = nullptr;
}

bool Timer::is_armed() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(handle_.get())) != 0;
}

void Timer::unref() {
  uv_unref(reinterpret_cast<uv_handle_t*>(handle_.get()));
}

void Timer::start(Duration delay, Duration period, Callback<void()> on_due) {
  on_due_ = std::move(on_due);
  uv_update_time(handle_->loop);  // libuv counts from its cached time, which may be a busy turn old
  uv_timer_start(handle_.get(), on_timer, to_milliseconds(delay), to_milliseconds(period));
}

void Timer::on_timer(uv_timer_t* handle) noexcept {
  auto* self = owner_of<Timer>(handle);
  if (self == nullptr) return;
  const bool repeats = uv_timer_get_repeat(handle) != 0;
  Callback<void()> due = std::move(self->on_due_);
  due();  // may destroy the timer
  if (!repeats) return;
  self = owner_of<Timer>(handle);
  if (self != nullptr && self->is_armed() && !self->on_due_) self->on_due_ = std::move(due);
}

}  // namespace xtrace
