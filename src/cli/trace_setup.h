#pragma once

/// The trace of one command: which one it is, what the request tells the server about it, and the
/// segment made of it.

#include <span>
#include <string>

#include <xtrace/client.h>
#include <xtrace/clock.h>
#include <xtrace/segment.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>
#include <xtrace/traced_plan.h>

#include "cli/options.h"

namespace xtrace::cli {

/// Decided before the request is sent.
struct TraceSetup {
  std::string service;    ///< Name of the segment.
  SegmentOptions origin;  ///< Ids of the segment: the trace's, its own, its caller's.
  Sampled sampled = Sampled::yes;
  std::vector<TraceField> extra;  ///< Of the caller's header, passed on.
  bool ignores_caller = false;    ///< There was a header, and it has no trace that could go on.
};

/// Flags win over the environment (`AWS_XRAY_TRACING_NAME`; `_X_AMZN_TRACE_ID`, `TRACEPARENT`).
/// Without a valid Root a new trace begins.
TraceSetup make_trace_setup(const TraceOptions& options, const Environment& environment,
                            WallTime now);

/// Whether the caller sends an `X-Amzn-Trace-Id`, or left it out, with `-H`.
bool decides_trace_header(const Request& request);

/// Sets `X-Amzn-Trace-Id` to name `parent`, the subsegment that is recorded afterwards for this
/// physical request.
void set_trace_header(Request& request, const TraceSetup& setup, const SegmentId& parent);

/// Whether a document is made: `Sampled=?` leaves it to the server's answer, and an answer that
/// does not say means yes.
bool is_recorded(const TraceSetup& setup, const Exchange& exchange);

/// What was asked for, what came of it, and the ids that were sent.
struct TracedExchange {
  const Request& request;
  const Exchange& exchange;
  std::span<const SegmentId> ids;  ///< One for each physical request, in order.
};

/// The segment with the request's subsegments inside, one for each leg, ended.
Segment record_segment(const TraceSetup& setup, const TraceOptions& options,
                       const TracedExchange& traced);

/// The same of a plan: its execution, and the ids that its physical requests were sent with.
Segment record_segment(const TraceSetup& setup, const TraceOptions& options,
                       const Execution& execution, std::span<const SentId> sent);

}  // namespace xtrace::cli
