#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include <xtrace/loop.h>

#include "base/assert.h"
#include "loop/timer.h"
#include "loop/uv_handle.h"

namespace xtrace {

namespace {

/// Remembers how long each of the last busy turns was. A turn is the time between the end of one
/// wait for I/O and the start of the next: whatever became ready meanwhile had to wait that long at
/// most.
class DelayLog {
 public:
  void wait_begins(Tick at) {
    if (!in_turn_) return;
    in_turn_ = false;
    add({turn_began_, at});
  }

  void wait_ended(Tick at) {
    if (in_turn_) return;
    in_turn_ = true;
    turn_began_ = at;
  }

  /// `wait_ended_at` is the end of the last wait, which is where the running turn began unless it
  /// was already noted.
  Duration longest_since(Tick since, Tick present, Tick wait_ended_at) const {
    const Tick running_since = in_turn_ ? turn_began_ : wait_ended_at;
    Duration longest = present - std::max(running_since, since);
    for (const Turn& turn : turns_) {
      if (turn.ended <= since) continue;
      longest = std::max(longest, Duration{turn.ended - std::max(turn.began, since)});
    }
    return longest;
  }

 private:
  struct Turn {
    Tick began;
    Tick ended;
  };

  // Turns under 50 us explain nothing and would push the long ones out of the ring.
  static constexpr Duration kWorthKeeping = std::chrono::microseconds(50);

  void add(Turn turn) {
    if (turn.ended - turn.began < kWorthKeeping) return;
    turns_[next_] = turn;
    next_ = (next_ + 1) % turns_.size();
  }

  std::array<Turn, 256> turns_{};
  std::size_t next_ = 0;
  Tick turn_began_ = std::chrono::steady_clock::now();
  bool in_turn_ = true;  // what happens before the first wait delays it as well
};

}  // namespace

struct Loop::Impl {
  uv_loop_t owned{};
  uv_loop_t* loop = nullptr;
  bool is_owned = false;

  UvPtr<uv_async_t> wake;
  std::mutex mutex;  // guards `mailbox`
  std::vector<Callback<void()>> mailbox;

  UvPtr<uv_prepare_t> prepare;
  UvPtr<uv_check_t> check;
  DelayLog delays;
  Tick wait_began{};
  std::uint64_t idle_at_wait = 0;

  void open();
  void close_owned();
  void drain_mailbox();
  void forget_mailbox();
  std::vector<Callback<void()>> take_mailbox();
  Tick last_wait_end() const;
};

void Loop::Impl::open() {
  wake.reset(new uv_async_t{});
  const int made = uv_async_init(loop, wake.get(), [](uv_async_t* handle) {
    if (auto* self = owner_of<Impl>(handle)) self->drain_mailbox();
  });
  XTRACE_ASSERT(made == 0);
  wake->data = this;

  prepare.reset(new uv_prepare_t{});
  uv_prepare_init(loop, prepare.get());
  prepare->data = this;
  uv_prepare_start(prepare.get(), [](uv_prepare_t* handle) {
    auto* self = owner_of<Impl>(handle);
    if (self == nullptr) return;
    self->wait_began = std::chrono::steady_clock::now();
    self->idle_at_wait = uv_metrics_idle_time(self->loop);
    self->delays.wait_begins(self->wait_began);
  });

  check.reset(new uv_check_t{});
  uv_check_init(loop, check.get());
  check->data = this;
  uv_check_start(check.get(), [](uv_check_t* handle) {
    auto* self = owner_of<Impl>(handle);
    if (self != nullptr) self->delays.wait_ended(self->last_wait_end());
  });

  for (auto* handle :
       {reinterpret_cast<uv_handle_t*>(wake.get()), reinterpret_cast<uv_handle_t*>(prepare.get()),
        reinterpret_cast<uv_handle_t*>(check.get())}) {
    uv_unref(handle);
  }
}

// libuv calls nobody between the end of its wait and the first callback, but it counts the time it
// waited.
Tick Loop::Impl::last_wait_end() const {
  return wait_began + std::chrono::nanoseconds(uv_metrics_idle_time(loop) - idle_at_wait);
}

void Loop::Impl::close_owned() {
  uv_walk(
      loop,
      [](uv_handle_t* handle, void*) {
        if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
      },
      nullptr);
  while (uv_loop_close(loop) == UV_EBUSY) uv_run(loop, UV_RUN_DEFAULT);
}

void Loop::Impl::drain_mailbox() {
  uv_unref(reinterpret_cast<uv_handle_t*>(wake.get()));
  for (auto& slot : take_mailbox()) {
    Callback<void()> task = std::move(slot);  // what it owns dies before the next one runs
    task();
  }
}

// A task may own handles of this loop, and its death may post another.
void Loop::Impl::forget_mailbox() {
  while (!take_mailbox().empty()) {
  }
}

std::vector<Callback<void()>> Loop::Impl::take_mailbox() {
  const std::lock_guard lock(mutex);
  return std::exchange(mailbox, {});
}

Loop::Loop() : impl_(std::make_unique<Impl>()), thread_(std::this_thread::get_id()) {
  impl_->is_owned = true;
  impl_->loop = &impl_->owned;
  XTRACE_ASSERT(uv_loop_init(impl_->loop) == 0);
  uv_loop_configure(impl_->loop, UV_METRICS_IDLE_TIME);
  impl_->open();
}

Loop::Loop(uv_loop_s* borrowed)
    : impl_(std::make_unique<Impl>()), thread_(std::this_thread::get_id()) {
  impl_->loop = borrowed;
  // Makes libuv count the time it waits, for one more epoll_wait() in each turn that waits.
  uv_loop_configure(impl_->loop, UV_METRICS_IDLE_TIME);
  impl_->open();
}

std::unique_ptr<Loop> Loop::borrow(uv_loop_s* loop) {
  return std::unique_ptr<Loop>(new Loop(loop));
}

Loop::~Loop() {
  impl_->forget_mailbox();
  impl_->wake.reset();
  impl_->prepare.reset();
  impl_->check.reset();
  if (impl_->is_owned) impl_->close_owned();
}

void Loop::post(Callback<void()> task) {
  const std::lock_guard lock(impl_->mutex);
  impl_->mailbox.push_back(std::move(task));
  uv_async_send(impl_->wake.get());
  // Only the loop's own thread may touch the reference; what it posts holds the loop until then.
  if (is_loop_thread()) uv_ref(reinterpret_cast<uv_handle_t*>(impl_->wake.get()));
}

void Loop::run() {
  XTRACE_ASSERT(impl_->is_owned);
  uv_run(impl_->loop, UV_RUN_DEFAULT);
}

bool Loop::run_until(Callback<bool()> done, Duration deadline) {
  XTRACE_ASSERT(impl_->is_owned);
  const Tick end = tick_after(deadline);
  Timer limit(*this);
  limit.arm(deadline, [] {});
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    uv_run(impl_->loop, UV_RUN_ONCE);
  }
  return true;
}

Duration Loop::delay_since(Tick since) const {
  return impl_->delays.longest_since(since, std::chrono::steady_clock::now(),
                                     impl_->last_wait_end());
}

uv_loop_s* Loop::handle() const {
  return impl_->loop;
}

}  // namespace xtrace
