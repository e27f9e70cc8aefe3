#pragma once

/// `BlockingClient` is a `Client` for programs that wait: `fetch` returns when the request is done.

#include <memory>

#include <xtrace/client.h>

namespace xtrace {

/// Owns a loop, its thread and a client on it. May be used by any number of threads at once, which
/// share its pool; none of them the loop's own: a hook that calls `fetch` ends the process, for it
/// would wait for itself. The thread takes none of the process's signals.
class BlockingClient {
 public:
  /// Throws what `std::thread` does where no thread can be started.
  explicit BlockingClient(const FinalizedClientConfig& config);
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;
  /// Requests under way end with `client_closed`; waits until they have. In a child after `fork`
  /// it leaves the parent's thread and connections alone.
  ~BlockingClient();

  /// Send `request` and wait for its end. What `options` holds runs on the loop's thread while the
  /// caller waits, and is destroyed there before it goes on. An `on_body` that pauses ends the
  /// request with `body_refused`: nobody could resume it. In a child after `fork` every request
  /// ends with `client_closed`; a child makes a client of its own.
  Exchange fetch(Request request, CallOptions options = {});
  /// From any thread.
  PoolStats pool_stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same on a loop and a client of the caller's: waits on this thread for a request that runs on
/// `thread`'s loop, where `client` lives. The client is destroyed when all have returned; its
/// `abort` makes them.
Exchange fetch(LoopThread& thread, Client& client, Request request, CallOptions options = {});

}  // namespace xtrace
