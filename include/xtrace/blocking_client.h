#pragma once

/// `BlockingClient` is a `Client` for programs that wait: `fetch` returns when the request is done.

#include <memory>

#include <xtrace/client.h>

namespace xtrace {

/// Owns a loop, its thread and a client on it. May be used by any number of threads at once, which
/// share its pool; none of them the loop's own (a hook must not call `fetch`).
class BlockingClient {
 public:
  explicit BlockingClient(const FinalizedClientConfig& config);
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;
  /// Requests still under way end with `client_closed`; waits until they have.
  ~BlockingClient();

  /// Send `request` and wait for its end. What `options` holds runs on the loop's thread, while the
  /// caller waits; `on_body` must not pause.
  Exchange fetch(Request request, CallOptions options = {});
  PoolStats pool_stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same on a loop and a client of the caller's: waits on this thread for a request that runs on
/// `thread`'s loop, where `client` lives.
Exchange fetch(LoopThread& thread, Client& client, Request request, CallOptions options = {});

}  // namespace xtrace
