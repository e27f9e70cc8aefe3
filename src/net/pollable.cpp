#include "net/pollable.h"

#include <string>
#include <utility>

namespace xtrace {

Expected<Pollable> Pollable::watch(Loop& loop, Descriptor descriptor) {
  auto fresh = std::make_unique<uv_poll_t>();
  if (const int status = uv_poll_init(loop.handle(), fresh.get(), descriptor.get()); status != 0) {
    return Error{
        Error::Code::system, Phase::none,
        std::string("watch a socket: ") + uv_strerror(status) + " (" + uv_err_name(status) + ")"};
  }
  Pollable pollable;
  pollable.descriptor_ = std::move(descriptor);
  pollable.handle_.reset(fresh.release());
  return pollable;
}

Pollable& Pollable::operator=(Pollable&& other) noexcept {
  handle_ = std::move(other.handle_);
  descriptor_ = std::move(other.descriptor_);
  events_ = std::exchange(other.events_, 0);
  return *this;
}

void Pollable::wait_for(int events, uv_poll_cb on_event) {
  if (events == events_ && handle_->poll_cb == on_event) return;
  events_ = events;
  if (events == 0) {
    uv_poll_stop(handle_.get());
  } else {
    uv_poll_start(handle_.get(), events, on_event);
  }
}

void Pollable::keep_loop_alive(bool alive) {
  auto* handle = reinterpret_cast<uv_handle_t*>(handle_.get());
  if (alive) {
    uv_ref(handle);
  } else {
    uv_unref(handle);
  }
}

}  // namespace xtrace
