#pragma once

/// From a request that was made to the X-Ray subsegments that tell about it.
///
/// Where the client and X-Ray meet. The client records a `Timeline` first; here it becomes
/// subsegments, a pure function of what happened. Names follow the AWS SDK for Go (`connect`,
/// `dns`, `dial`, `tls`, `request`, `response`), so that existing dashboards and filter expressions
/// keep working; `proxy` and `body` are added beside them. docs/phases.md has the tree.
///
/// Services use a `TracedClient` (traced_client.h), which does all this by itself.

#include <span>
#include <string>

#include <xtrace/client.h>
#include <xtrace/http.h>
#include <xtrace/segment.h>
#include <xtrace/segment_context.h>
#include <xtrace/trace_id.h>

namespace xtrace {

struct RecordOptions {
  /// Strip query strings and userinfo from every recorded URL. Turning it off is for debugging on
  /// one's own machine.
  bool redact = true;
  /// The ids that the physical requests named as `Parent` in their trace headers, in the order they
  /// were sent: `CallOptions::before_attempt` is where they are given out. What has none here gets
  /// a fresh one.
  std::span<const SegmentId> sent{};
  /// Whether `response_body_bytes` of the timelines were counted. Where they were not, 0 of them
  /// stand for an answer whose length nobody told, and none is recorded.
  bool counts_bodies = true;
};

/// The name of a request's subsegment: its authority, `host` or `host:port`.
std::string remote_name(const Url& url);

/// Record a call that is over below `parent`: a subsegment of namespace remote for `request`, and
/// one for each redirect that was followed, side by side. In each the http block, X-Ray's flags
/// (4xx error, 429 error and throttle, 5xx fault, transport failure fault with its cause), and one
/// child for each phase of the kinds named above. Where a stale connection made the client send a
/// request again, its subsegment holds `Attempt:0`, `Attempt:1`, ..., and they hold the phases.
///
/// Times come from the timelines, on the wall clock each was started with. From any thread; an
/// empty `parent` records nothing.
void record_call(const SegmentContext& parent, const Request& request, const Exchange& exchange,
                 const RecordOptions& options = {});

/// The same into a subsegment that was begun before, for a call that is one physical request:
/// `remote` keeps the id and the start it was begun with, and is ended. Where there were more, each
/// is an `Attempt:N` below it, those that redirects led to included; `options.sent` names those.
void record_exchange(Subsegment& remote, const Request& request, const Exchange& exchange,
                     const RecordOptions& options = {});

}  // namespace xtrace
