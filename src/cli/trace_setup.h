#pragma once

/// The trace of one command: which one it is, what the request tells the server about it, and the
/// segment made of it.

#include <string>

#include <xtrace/client.h>
#include <xtrace/clock.h>
#include <xtrace/segment.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>

#include "cli/options.h"

namespace xtrace::cli {

/// Decided before the request is sent, so that its header can name the subsegment that is recorded
/// afterwards.
struct TraceSetup {
  std::string service;    ///< Name of the segment.
  SegmentOptions origin;  ///< Ids of the segment: the trace's, its own, its caller's.
  SegmentId remote_id;    ///< Of the request's subsegment.
  Sampled sampled = Sampled::yes;
  std::vector<TraceField> extra;  ///< Of the caller's header, passed on.
  bool ignores_caller = false;    ///< There was a header, and it has no trace that could go on.
};

/// Flags win over the environment (`AWS_XRAY_TRACING_NAME`; `_X_AMZN_TRACE_ID`, `TRACEPARENT`).
/// Without a valid Root a new trace begins.
TraceSetup make_trace_setup(const TraceOptions& options, const Environment& environment,
                            WallTime now);

/// Adds `X-Amzn-Trace-Id`, unless the caller sends or left out one with `-H`.
void add_trace_header(Request& request, const TraceSetup& setup);

/// Whether a document is made: `Sampled=?` leaves it to the server's answer, and an answer that
/// does not say means yes.
bool is_recorded(const TraceSetup& setup, const Exchange& exchange);

/// The segment with the request's subsegment inside, ended.
Segment record_segment(const TraceSetup& setup, const TraceOptions& options, const Request& request,
                       const Exchange& exchange);

}  // namespace xtrace::cli
