#pragma once

/// The two halves of `ServerTrace::begin`, for servers to whom a fact of the request costs
/// something: only what is recorded needs to be described.

#include <xtrace/server_trace.h>

namespace xtrace {

struct ServerTraceInside {
  /// Needs `method`, `host`, `path` and the trace headers.
  static ServerSegment begin_bare(ServerTrace& trace, const ServerRequestFacts& request);
  static bool is_recorded(const ServerSegment& served);
  /// Records the request.
  static void describe(const ServerTrace& trace, const ServerSegment& served,
                       const ServerRequestFacts& request);
};

}  // namespace xtrace
