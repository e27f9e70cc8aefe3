#include "loop/timer.h"

#include <algorithm>
#include <utility>

namespace xtrace {

namespace {

constexpr Duration kNever = std::chrono::hours(24) * 365 * 100;

std::uint64_t to_milliseconds(Duration duration) {
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<std::uint64_t>(rounded);
}

}  // namespace

Tick tick_after(Duration delay) {
  return std::chrono::steady_clock::now() + std::min(delay, kNever);
}

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

void Timer::ref() {
  uv_ref(reinterpret_cast<uv_handle_t*>(handle_.get()));
}

void Timer::start(Duration delay, Duration period, Callback<void()> on_due) {
  on_due_ = std::move(on_due);
  period_ = std::min(period, kNever);
  const Tick present = std::chrono::steady_clock::now();
  wait(present, present + std::clamp(delay, Duration::zero(), kNever));
}

void Timer::wait(Tick present, Tick due) {
  due_ = due;
  uv_update_time(handle_->loop);  // libuv counts from its cached time, which may be a busy turn old
  uv_timer_start(handle_.get(), on_timer, to_milliseconds(due - present), 0);
}

void Timer::on_timer(uv_timer_t* handle) noexcept {
  auto* self = owner_of<Timer>(handle);
  if (self == nullptr) return;
  const Tick present = std::chrono::steady_clock::now();
  if (present < self->due_) {  // libuv's clock is cut to milliseconds, so it is up to one early
    self->wait(present, self->due_);
    return;
  }
  Callback<void()> due = std::move(self->on_due_);
  const bool repeats = self->period_ > Duration::zero();
  if (repeats) {
    // A loop that was too busy skips what it missed instead of making up for it.
    const Tick next = self->due_ + self->period_;
    self->wait(present, next > present ? next : present + self->period_);
  }
  due();  // may destroy the timer
  if (!repeats) return;
  self = owner_of<Timer>(handle);
  if (self != nullptr && self->is_armed() && !self->on_due_) self->on_due_ = std::move(due);
}

}  // namespace xtrace
