#include "cli/trace_setup.h"

#include <string_view>
#include <utility>

#include <xtrace/traced_exchange.h>

#include "cli/request_builder.h"
#include "cli/span_context.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kAmznTraceField = "X-Amzn-Trace-Id";

std::string_view setting(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string choose_name(const TraceOptions& options, const Environment& environment) {
  if (options.name) return *options.name;
  const std::string_view name = setting(environment, "AWS_XRAY_TRACING_NAME");
  return name.empty() ? "xtrace" : std::string(name);
}

Sampled choose_sampled(const TraceOptions& options, const TraceHeader& incoming) {
  if (options.sampled) return *options.sampled;
  return incoming.sampled == Sampled::unknown ? Sampled::yes : incoming.sampled;
}

const Timeline& first_of(const Exchange& exchange) {
  return exchange.past.empty() ? exchange.timeline : exchange.past.front().timeline;
}

Segment begin_segment(const TraceSetup& setup, const TraceOptions& options, WallTime start) {
  SegmentOptions origin = setup.origin;
  origin.start = start;
  Segment segment = Segment::begin(setup.service, origin);
  for (const Annotation& annotation : options.annotations) {
    segment.annotate(annotation.key, annotation.value);
  }
  for (const MetadataEntry& entry : options.metadata) {
    segment.set_metadata_json("default", entry.key, entry.json);
  }
  return segment;
}

}  // namespace

TraceSetup make_trace_setup(const TraceOptions& options, const Environment& environment,
                            WallTime now) {
  const std::string_view text =
      options.header ? std::string_view(*options.header) : setting(environment, "_X_AMZN_TRACE_ID");
  TraceHeader incoming = options.header ? parse_trace_header(text) : read_caller(environment);

  TraceSetup setup;
  setup.service = choose_name(options, environment);
  // A parent belongs to its trace: without the trace's id it names nothing.
  if (incoming.root) setup.origin = continue_trace(incoming);
  setup.ignores_caller = !text.empty() && !incoming.root && incoming.sampled == Sampled::unknown;
  if (!setup.origin.trace_id) setup.origin.trace_id = TraceId::generate(now);
  setup.origin.id = SegmentId::generate();
  setup.sampled = choose_sampled(options, incoming);
  setup.extra = std::move(incoming.extra);
  return setup;
}

bool decides_trace_header(const Request& request) {
  return request.headers.contains(kAmznTraceField) || is_omitted(request, kAmznTraceField);
}

void set_trace_header(Request& request, const TraceSetup& setup, const SegmentId& parent) {
  TraceHeader header;
  header.root = setup.origin.trace_id;
  header.parent = parent.to_string();
  header.sampled = setup.sampled;
  header.extra = setup.extra;
  request.headers.set(kAmznTraceField, header.to_string());
}

bool is_recorded(const TraceSetup& setup, const Exchange& exchange) {
  if (setup.sampled != Sampled::requested) return setup.sampled == Sampled::yes;
  if (!exchange.response) return true;
  const std::string* answer = exchange.response->headers.find(kAmznTraceField);
  return answer == nullptr || parse_trace_header(*answer).sampled != Sampled::no;
}

Segment record_segment(const TraceSetup& setup, const TraceOptions& options,
                       const TracedExchange& traced) {
  const Exchange& exchange = traced.exchange;
  const WallTime start = first_of(exchange).started.wall;
  Segment segment = begin_segment(setup, options, start);
  record_call(segment.context(), traced.request, exchange,
              {.redact = options.redacts, .sent = traced.ids});
  if (exchange.error) segment.set_flags({.error = false, .throttle = false, .fault = true});
  segment.end(start + std::chrono::duration_cast<WallTime::duration>(exchange.total()));
  return segment;
}

Segment record_segment(const TraceSetup& setup, const TraceOptions& options,
                       const Execution& execution, std::span<const SentId> sent) {
  const WallTime start = execution.started.wall;
  Segment segment = begin_segment(setup, options, start);
  record_execution(segment.context(), execution, {.redact = options.redacts, .sent = sent});
  if (execution.error() != nullptr) {
    segment.set_flags({.error = false, .throttle = false, .fault = true});
  }
  const Duration total = execution.total.value_or(Duration{});
  segment.end(start + std::chrono::duration_cast<WallTime::duration>(total));
  return segment;
}

}  // namespace xtrace::cli
