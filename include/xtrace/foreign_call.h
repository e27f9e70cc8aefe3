#pragma once

/// `ForeignCall` records a request that somebody else's client makes, as if ours had: it gives out
/// the trace header, takes the time of each phase, and becomes the subsegments of docs/phases.md.
///
///     ForeignCall call{segment.context(), Request{url}};
///     call.write_headers([&](std::string_view name, std::string_view value) { ... });
///     call.enter(Phase::request);
///     ...
///     call.enter(Phase::response);
///     ...
///     call.finish(std::move(head));    // or call.fail(error)
///
/// For clients that do one thing after the other and send one physical request. What such a client
/// does not tell stays unrecorded: a call without phases is a subsegment without children. The
/// adapters for cpp-httplib and Boost.Beast (docs/adapters.md) are built on it.

#include <functional>
#include <optional>
#include <string_view>

#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/http.h>
#include <xtrace/segment.h>
#include <xtrace/segment_context.h>
#include <xtrace/timeline.h>

namespace xtrace {

struct ForeignCallOptions {
  /// Strip query strings and userinfo from every recorded URL.
  bool redact = true;
  /// Send W3C's `traceparent` beside `X-Amzn-Trace-Id`.
  bool sends_traceparent = false;
  Clock clock{};  ///< The machine's where empty.
};

/// On one thread at a time. One that goes without `finish` or `fail` was cancelled, and says so.
class ForeignCall {
 public:
  /// Begins a subsegment of `parent` for a request of this method and URL; nothing else of
  /// `request` is looked at. Where `parent` records nothing, nothing here does.
  ForeignCall(const SegmentContext& parent, Request request, ForeignCallOptions options = {});
  ForeignCall(const ForeignCall&) = delete;
  ForeignCall& operator=(const ForeignCall&) = delete;
  ~ForeignCall();

  /// To annotate. Its header is what the request is to carry.
  SegmentContext context() const { return remote_.context(); }
  /// Calls `set` with the name and the value of each header that continues the trace, which are
  /// valid until it returns; not at all where the parent has no trace. Those that the request has
  /// already must be replaced.
  void write_headers(
      const std::function<void(std::string_view name, std::string_view value)>& set) const;

  /// The phase begins now, and the one before it has ended. `dns`, `proxy` and `tls` make up
  /// `connect`, and so do dials; a call on a reused connection enters none of these. `dns` counts
  /// for names only: a resolver that is given an address parses it. `dial` is one to an address
  /// that the client does not tell.
  void enter(Phase phase);
  /// The same for a dial to `address`.
  void enter_dial(const Address& address);
  /// The phase has ended, and no other begins yet.
  void leave();
  /// The dial has failed, which the call has not: another address may follow.
  void fail_dial(Error error);
  /// The phase that was entered last; `none` before the first.
  Phase phase() const { return phase_; }

  /// For facts: `dns`, `tls`, `remote`, `local`, `reused`, `response_body_bytes`, ...
  Timeline& timeline() { return timeline_; }

  /// The answer is there, whole. Its body is not looked at: its length is the `content_length`, or
  /// the timeline's `response_body_bytes` where that is unknown; where these are 0, nobody told.
  void finish(Response response);
  /// The call failed, in the phase that was entered last unless the error names another. `response`
  /// is the head of the answer where one came.
  void fail(Error error, std::optional<Response> response = {});
  bool is_over() const { return is_over_; }

 private:
  Duration elapsed() const;
  void leave(Duration at, Outcome outcome);
  Dial* current_dial();
  void begin_connect(Duration at);
  void end_connect(Outcome outcome);
  void record(std::optional<Response> response, std::optional<Error> error);

  Request request_;
  ForeignCallOptions options_;
  Subsegment remote_;
  Timeline timeline_;
  Phase phase_ = Phase::none;
  bool is_inside_ = false;  // phase_ has not ended
  bool is_over_ = false;
  Duration connected_{};  // the end of the last part of `connect`
};

}  // namespace xtrace
