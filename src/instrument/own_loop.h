#pragma once

/// `OwnLoop<T>` is a `LoopThread` with one `T` living on it, for what works in the background of a
/// host that lends no loop.
///
/// All signals are blocked on that thread, so that the host's handlers run where the host expects
/// them. Destruction destroys the `T` on its loop and joins, but does not wait for a name lookup
/// that hangs in libuv's pool: the thread then ends by itself when the lookup does.

#include <functional>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include <xtrace/callback.h>
#include <xtrace/daemon_address.h>
#include <xtrace/error.h>
#include <xtrace/loop.h>

#include "loop/quiet_loop_thread.h"

namespace xtrace {

/// What to tell a host that expects no exception where no thread could be started.
Error no_thread(const DaemonEndpoint& peer, const std::system_error& failure);

/// Ends the thread; waits for that only where `peer` is no name that is being looked up.
void end_loop_thread(std::unique_ptr<LoopThread> thread, const DaemonEndpoint& peer);

template <class T>
class OwnLoop {
 public:
  /// `make` runs on the new thread. `peer` is whom the `T` talks to.
  OwnLoop(DaemonEndpoint peer, std::function<std::unique_ptr<T>(Loop&)> make)
      : peer_(std::move(peer)), thread_(make_quiet_loop_thread()) {
    thread_->loop().post([this, made = std::move(make)] { object_ = made(thread_->loop()); });
  }
  OwnLoop(const OwnLoop&) = delete;
  OwnLoop& operator=(const OwnLoop&) = delete;
  ~OwnLoop() {
    const auto gone = std::make_shared<std::promise<void>>();
    thread_->loop().post([this, gone] {
      object_.reset();
      gone->set_value();
    });
    gone->get_future().wait();
    end_loop_thread(std::move(thread_), peer_);
  }

  /// Run `task` on the thread. From any thread.
  void post(Callback<void(T&)> task) {
    thread_->loop().post([this, run = std::move(task)]() mutable { run(*object_); });
  }

 private:
  DaemonEndpoint peer_;
  std::unique_ptr<LoopThread> thread_;
  std::unique_ptr<T> object_;  // belongs to the thread
};

}  // namespace xtrace
