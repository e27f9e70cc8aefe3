#pragma once

/// `Pollable` is a non-blocking socket together with the libuv handle that watches it.
///
/// Why not `uv_tcp_t`: libuv 1.44 writes with write(2) and writev(2), and a peer that went away
/// then kills a process that does not ignore SIGPIPE; a library must not change its host's signals.
/// `uv_tcp_connect` decides by itself when connect(2) runs, and `uv_pipe_connect` cannot name an
/// abstract socket. Watching the descriptor leaves each system call to us, and so the moment before
/// and after it.

#include <uv.h>

#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "loop/uv_handle.h"
#include "net/descriptor.h"

namespace xtrace {

class Pollable {
 public:
  /// Owns nothing: only to be assigned to.
  Pollable() = default;
  /// Fails with `system` where libuv cannot watch `descriptor`. Makes it non-blocking.
  static Expected<Pollable> watch(Loop& loop, Descriptor descriptor);

  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;
  Pollable(Pollable&&) noexcept = default;
  Pollable& operator=(Pollable&& other) noexcept;
  ~Pollable() = default;

  int descriptor() const { return descriptor_.get(); }
  /// Who is called: `owner_of<Owner>(handle)` in `on_event`, null once this object is gone.
  void set_owner(void* owner) { handle_->data = owner; }
  /// Wait for `events` (UV_READABLE, UV_WRITABLE, or 0 for none). A status below 0 in `on_event`
  /// means that the socket has an error, which the next call on it tells, and that libuv waits for
  /// nothing any more: call `forget()`, then `wait_for` again.
  void wait_for(int events, uv_poll_cb on_event);
  void forget() { events_ = 0; }
  void keep_loop_alive(bool alive);
  const uv_poll_t* handle() const { return handle_.get(); }

 private:
  Descriptor descriptor_;
  UvPtr<uv_poll_t> handle_;  // after the descriptor: it must stop watching before that closes
  int events_ = 0;
};

}  // namespace xtrace
