#pragma once

/// `SpanContext` is the place of a span in its trace: what the command line continues, and what it
/// hands on.

#include <optional>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>

#include "cli/terminal.h"

namespace xtrace::cli {

struct SpanContext {
  TraceId trace_id{};
  SegmentId id{};  ///< The span's own.
  /// With a parent the span is a subsegment of it; without one it is a segment.
  std::optional<SegmentId> parent_id{};
  bool is_sampled = true;
  /// What else travels with the trace; its ids are not these.
  TraceHeader passed_on{};

  /// The header for what the span calls: the parent in it is the span.
  TraceHeader header() const;

  friend bool operator==(const SpanContext&, const SpanContext&) = default;
};

/// A new span below whatever `caller` names: its trace where it has a valid one, its parent where
/// that is a valid id of that trace. A trace that is not decided yet is recorded: there is nobody
/// else to ask.
SpanContext make_span_context(const TraceHeader& caller, WallTime now);

/// What the environment says of the caller: `_X_AMZN_TRACE_ID`, `TRACEPARENT` and `TRACESTATE`, as
/// `read_trace_headers` weighs them.
TraceHeader read_caller(const Environment& environment);

}  // namespace xtrace::cli
