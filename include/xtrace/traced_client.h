#pragma once

/// `TracedClient` sends requests that continue a trace: each physical request carries the trace
/// header, and what became of the call is recorded below the segment it was made for.
///
///     TracedClient traced(client);
///     call = traced.start(segment.context(), request, {}, [](Exchange exchange) { ... });
///
/// The id that a request's header names as its parent is the id of the subsegment that tells about
/// that very request: redirects and requests that were sent again have their own (docs/phases.md
/// has the tree). Subsegments are recorded when the call is over, just before `on_done` runs; one
/// whose segment has ended by then is sent by itself. For a trace that is not sampled the header
/// goes on and nothing is recorded; for an empty context the request is sent as it is.

#include <memory>
#include <vector>

#include <xtrace/blocking_client.h>
#include <xtrace/callback.h>
#include <xtrace/client.h>
#include <xtrace/segment_context.h>

namespace xtrace {

struct TracedClientOptions {
  /// Strip query strings and userinfo from every recorded URL.
  bool redact = true;
  /// Send W3C's `traceparent` beside `X-Amzn-Trace-Id`.
  bool sends_traceparent = false;
};

class TracedClient;
class TracedRequest;

/// A traced request in flight. Movable; destroying it cancels, as destroying a `Call` does, and
/// records a subsegment that says so, without phases.
class [[nodiscard]] TracedCall {
 public:
  TracedCall();
  TracedCall(const TracedCall&) = delete;
  TracedCall& operator=(const TracedCall&) = delete;
  TracedCall(TracedCall&& other) noexcept;
  TracedCall& operator=(TracedCall&& other) noexcept;
  ~TracedCall();

  /// As those of `Call`; what `abort` returns is recorded too.
  Exchange abort();
  void resume();
  bool is_running() const;

 private:
  friend class TracedClient;
  TracedCall(std::unique_ptr<TracedRequest> request, Call call);
  void give_up();

  std::unique_ptr<TracedRequest> request_;
  Call call_;
};

class TracedClient {
 public:
  /// `client` outlives it. On the loop's thread, as the client.
  explicit TracedClient(Client& client, const TracedClientOptions& options = {});
  TracedClient(const TracedClient&) = delete;
  TracedClient& operator=(const TracedClient&) = delete;
  /// Calls of it must have been destroyed before.
  ~TracedClient();

  /// As `Client::start`, for the segment or subsegment `parent`. Trace headers that `request`
  /// carries already are replaced; a `before_attempt` of the caller's runs first.
  TracedCall start(SegmentContext parent, Request request, CallOptions options,
                   Callback<void(Exchange)> on_done);

 private:
  friend class TracedCall;
  std::unique_ptr<TracedRequest> take();
  void give_back(std::unique_ptr<TracedRequest> request);

  Client& client_;
  TracedClientOptions options_;
  std::vector<std::unique_ptr<TracedRequest>> unused_;
};

/// The same for those who wait: sends, waits, and records on the caller's thread. `client` may be
/// shared by any number of threads.
Exchange traced_fetch(BlockingClient& client, const SegmentContext& parent, Request request,
                      CallOptions options = {});

}  // namespace xtrace
