#pragma once

/// From a request that was made to the X-Ray subsegments that tell about it.
///
/// Where the client and X-Ray meet. The client records a `Timeline` first; here it becomes
/// subsegments, a pure function of what happened. Names follow the AWS SDK for Go (`connect`,
/// `dns`, `dial`, `tls`, `request`, `response`), so that existing dashboards and filter expressions
/// keep working; `proxy` and `body` are added beside them. docs/phases.md has the tree.

#include <string>

#include <xtrace/client.h>
#include <xtrace/http.h>
#include <xtrace/segment.h>

namespace xtrace {

struct RecordOptions {
  /// Strip query strings and userinfo from every recorded URL. Turning it off is for debugging on
  /// one's own machine.
  bool redact = true;
};

/// The name of a request's subsegment: its authority, `host` or `host:port`.
std::string remote_name(const Url& url);

/// Fill `remote`, a subsegment that was begun for this request, from what happened, and end it: the
/// http block, X-Ray's flags (4xx error, 429 error and throttle, 5xx fault, transport failure fault
/// with its cause), and one child for each phase of the kinds named above. Times come from the
/// timeline, on the wall clock it was started with; `remote` keeps the start it was begun with.
/// From any thread; an empty `remote` records nothing.
void record_exchange(Subsegment& remote, const Request& request, const Exchange& exchange,
                     const RecordOptions& options = {});

}  // namespace xtrace
