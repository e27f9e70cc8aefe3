#include "loop/fine_timer.h"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <utility>

#include <unistd.h>

#ifdef __linux__
#include <sys/timerfd.h>
#endif

namespace xtrace {

namespace {

#ifdef __linux__
int open_timer() {
  return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
}

/// steady_clock is CLOCK_MONOTONIC. A moment of zero disarms.
bool set_timer(int descriptor, Duration moment) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment);
  itimerspec when{};
  when.it_value.tv_sec = static_cast<std::time_t>(seconds.count());
  when.it_value.tv_nsec = static_cast<long>((moment - seconds).count());
  return timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &when, nullptr) == 0;
}
#else
int open_timer() {
  return -1;
}

bool set_timer(int, Duration) {
  return false;
}
#endif

}  // namespace

FineTimer::FineTimer(Loop& loop, Callback<void()> on_due)
    : descriptor_(open_timer()), on_due_(std::move(on_due)), fallback_(loop) {
  if (descriptor_ >= 0) watch(loop);
}

FineTimer::~FineTimer() {
  handle_.reset();  // stops watching before the descriptor closes
  if (descriptor_ >= 0) close(descriptor_);
}

void FineTimer::watch(Loop& loop) {
  UvPtr<uv_poll_t>::pointer handle = new uv_poll_t{};
  if (uv_poll_init(loop.handle(), handle, descriptor_) != 0) {
    delete handle;
    return;
  }
  handle_.reset(handle);
  handle_->data = this;
}

void FineTimer::arm(Tick due) {
  const Duration moment = std::max<Duration>(due.time_since_epoch(), Duration(1));
  if (handle_ && set_timer(descriptor_, moment)) {
    uv_poll_start(handle_.get(), UV_READABLE, on_ready);
    return;
  }
  fallback_.arm(due - tick_now(), [this] { on_due_(); });
}

void FineTimer::disarm() {
  fallback_.disarm();
  if (!handle_) return;
  uv_poll_stop(handle_.get());
  set_timer(descriptor_, Duration{});
}

void FineTimer::on_ready(uv_poll_t* handle, int, int) noexcept {
  auto* self = owner_of<FineTimer>(handle);
  if (self == nullptr) return;
  std::uint64_t times = 0;
  // Nothing to read: it was armed anew in this very turn, for later.
  if (read(self->descriptor_, &times, sizeof times) != sizeof times) return;
  uv_poll_stop(handle);
  self->on_due_();
}

}  // namespace xtrace
