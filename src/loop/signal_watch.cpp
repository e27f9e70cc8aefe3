#include "loop/signal_watch.h"

#include <utility>

#include <signal.h>

namespace xtrace {

namespace {

bool is_ignored(int signal) {
  struct sigaction current {};
  return sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

}  // namespace

SignalWatch::SignalWatch(Loop& loop, int signal, Callback<void()> on_signal)
    : handle_(new uv_signal_t{}), on_signal_(std::move(on_signal)) {
  uv_signal_init(loop.handle(), handle_.get());
  handle_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(handle_.get()));
  // One shot: libuv then asks the kernel to reset the handler as it runs, so the second signal
  // meets the default.
  if (!is_ignored(signal)) uv_signal_start_oneshot(handle_.get(), &on_uv_signal, signal);
}

SignalWatch::~SignalWatch() = default;

void SignalWatch::on_uv_signal(uv_signal_t* handle, int) noexcept {
  auto* self = owner_of<SignalWatch>(handle);
  if (self == nullptr) return;
  auto on_signal = std::move(self->on_signal_);
  on_signal();
}

}  // namespace xtrace
