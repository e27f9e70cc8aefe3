#pragma once

/// `Listener` accepts connections at an address and hands each on as a `Stream`.
///
/// A Unix socket's path that a dead process left behind is taken over; the listener removes the
/// path when it goes. Everything on the loop's thread; destroying it stops.

#include <cstdint>
#include <memory>
#include <string>

#include <uv.h>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "loop/timer.h"
#include "net/pollable.h"
#include "net/stream.h"

namespace xtrace {

class Listener {
 public:
  struct Events {
    /// Asked before each connection is taken from the kernel's queue. False leaves it there until
    /// `resume()`.
    Callback<bool()> may_accept;
    /// A connection was accepted. May destroy the listener.
    Callback<void(std::unique_ptr<Stream>)> on_stream;
    /// The kernel gave none though one waits (no descriptor is left, say): tried again a tenth of a
    /// second later. Or one came that the loop cannot watch, and was closed.
    Callback<void()> on_failure;
  };

  /// Binds and listens. Errors: `listen_failed`.
  static Expected<std::unique_ptr<Listener>> listen(Loop& loop, const Address& address,
                                                    Events events);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// As bound: with the port that the kernel chose.
  const Address& address() const { return address_; }
  /// Ask `may_accept` again. Accepts on a later turn.
  void resume();

 private:
  Listener(Loop& loop, Pollable socket, const Address& address, Events events);

  static void on_event(uv_poll_t* handle, int status, int events) noexcept;
  void accept_some();
  bool hand_on(Descriptor descriptor, const Address& peer);
  void pause();

  Loop& loop_;
  Address address_;
  Events events_;
  Pollable socket_;
  Timer retry_;
};

}  // namespace xtrace
