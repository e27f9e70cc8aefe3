#include <mutex>
#include <utility>
#include <vector>

#include <xtrace/loop.h>

#include "base/assert.h"
#include "loop/delay_log.h"
#include "loop/timer.h"
#include "loop/uv_handle.h"

namespace xtrace {

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
  Tick wait_began = std::chrono::steady_clock::now();
  std::uint64_t idle_at_wait = 0;
  Tick last_look = std::chrono::steady_clock::now();  // when the wait before the running one ended
  Callback<bool()>* done = nullptr;                   // of a `run_until` that is under way

  void open();
  void close_owned();
  void drain_mailbox();
  void forget_mailbox();
  std::vector<Callback<void()>> take_mailbox();
  void note_ready();
  Duration waited() const;
};

void Loop::Impl::open() {
  wake.reset(new uv_async_t{});
  const int made = uv_async_init(loop, wake.get(), [](uv_async_t* handle) {
    auto* self = owner_of<Impl>(handle);
    if (self == nullptr) return;
    self->note_ready();
    self->drain_mailbox();
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
    // A timer may have done it just now; without this the turn would go on to wait for something.
    if (self->done != nullptr && (*self->done)()) uv_stop(self->loop);
  });

  check.reset(new uv_check_t{});
  uv_check_init(loop, check.get());
  check->data = this;
  uv_check_start(check.get(), [](uv_check_t* handle) {
    auto* self = owner_of<Impl>(handle);
    if (self != nullptr) self->last_look = self->wait_began + self->waited();
  });

  for (auto* handle :
       {reinterpret_cast<uv_handle_t*>(wake.get()), reinterpret_cast<uv_handle_t*>(prepare.get()),
        reinterpret_cast<uv_handle_t*>(check.get())}) {
    uv_unref(handle);
  }
}

// libuv calls nobody between the end of its wait and the first callback, but it counts the time it
// waited: nothing where something was ready at once.
Duration Loop::Impl::waited() const {
  return std::chrono::nanoseconds(uv_metrics_idle_time(loop) - idle_at_wait);
}

void Loop::Impl::note_ready() {
  const Duration idle = waited();
  const Tick ready_since = idle > Duration::zero() ? wait_began + idle : last_look;
  delays.note(ready_since, std::chrono::steady_clock::now());
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
  impl_->done = &done;
  while (!done() && std::chrono::steady_clock::now() < end) uv_run(impl_->loop, UV_RUN_ONCE);
  impl_->done = nullptr;
  return done();
}

void Loop::note_ready() {
  impl_->note_ready();
}

Duration Loop::delay_since(Tick since) const {
  return impl_->delays.longest_since(since);
}

uv_loop_s* Loop::handle() const {
  return impl_->loop;
}

}  // namespace xtrace
