#include "cli/span_context.h"

namespace xtrace::cli {

namespace {

std::string_view read(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

TraceHeader SpanContext::header() const {
  TraceHeader header = passed_on;
  header.root = trace_id;
  header.root_text.clear();
  header.parent = id.to_string();
  header.sampled = is_sampled ? Sampled::yes : Sampled::no;
  return header;
}

SpanContext make_span_context(const TraceHeader& caller, WallTime now) {
  SpanContext context;
  context.id = SegmentId::generate();
  context.trace_id = caller.root ? *caller.root : TraceId::generate(now);
  context.is_sampled = caller.sampled != Sampled::no;
  context.passed_on.extra = caller.extra;
  if (!caller.root) return context;
  // A parent belongs to its trace, and so do the notes of other tracers: without it they mean
  // nothing.
  context.passed_on.tracestate = caller.tracestate;
  const auto parent = SegmentId::parse(caller.parent);
  if (parent && !parent->is_noop()) context.parent_id = *parent;
  return context;
}

TraceHeader read_caller(const Environment& environment) {
  return read_trace_headers(read(environment, "_X_AMZN_TRACE_ID"), read(environment, "TRACEPARENT"),
                            read(environment, "TRACESTATE"));
}

}  // namespace xtrace::cli
