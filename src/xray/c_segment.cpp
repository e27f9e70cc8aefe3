#include <chrono>
#include <utility>

#include <xtrace/c_segment.h>
#include <xtrace/tracer.h>

#include "xray/c_handle.h"
#include "xray/c_tracer_handle.h"
#include "xray/header_views.h"

using xtrace::Segment;
using xtrace::SegmentContext;
using xtrace::Subsegment;
using xtrace::view_of;
using Kind = xtrace_segment::Kind;

namespace {

thread_local constinit xtrace_segment* innermost = nullptr;

xtrace_segment* hand_out(Segment&& segment, bool was_asked) {
  if (!segment.has_trace()) return nullptr;
  xtrace_segment& handle = xtrace::take_handle();
  handle.kind = Kind::segment;
  handle.was_asked = was_asked;
  handle.segment = std::move(segment);
  handle.context = &handle.segment;
  return &handle;
}

xtrace_segment* hand_out(Subsegment&& subsegment) {
  if (!subsegment.has_trace()) return nullptr;
  xtrace_segment& handle = xtrace::take_handle();
  handle.kind = Kind::subsegment;
  handle.subsegment = std::move(subsegment);
  handle.context = &handle.subsegment;
  return &handle;
}

xtrace_segment& take_reference(const SegmentContext& context, Kind kind) {
  xtrace_segment& handle = xtrace::take_handle();
  handle.kind = kind;
  handle.reference = context;
  handle.context = &handle.reference;
  return handle;
}

xtrace::WallTime wall_of(int64_t nanoseconds) {
  return xtrace::WallTime{std::chrono::duration_cast<xtrace::WallTime::duration>(
      std::chrono::nanoseconds{nanoseconds})};
}

xtrace::SubsegmentOptions options_of(const xtrace_subsegment_options* given) {
  const auto known = xtrace::read_struct(given);
  xtrace::SubsegmentOptions options;
  if (known.id != nullptr) {
    if (const auto id = xtrace::SegmentId::parse(known.id)) options.id = *id;
  }
  if (known.start != 0) options.start = wall_of(known.start);
  options.space = xtrace::namespace_of(known.name_space);
  options.may_outlive_parent = known.may_outlive_parent;
  return options;
}

Segment begin_with(xtrace::Tracer& tracer, std::string_view name, const xtrace::HeaderViews& header,
                   const xtrace::SamplingRequest& request) {
  return xtrace::TracerInside::begin_segment(tracer, name, header, request);
}

Segment begin_with(xtrace::Tracer& tracer, std::string_view name, const xtrace::TraceHeader& header,
                   const xtrace::SamplingRequest& request) {
  return tracer.begin_segment(name, header, request);
}

xtrace::SegmentHandle* owner_of(xtrace_segment* segment) {
  if (segment == nullptr) return nullptr;
  if (segment->kind == Kind::segment) return &segment->segment;
  return segment->kind == Kind::subsegment ? &segment->subsegment : nullptr;
}

void append_root(const SegmentContext& context, std::string& out) {
  const std::size_t begin = out.size();
  context.append_trace_header(out);
  const std::size_t end = out.find(';', begin);
  if (end != std::string::npos) out.resize(end);
}

}  // namespace

xtrace::Namespace xtrace::namespace_of(int name_space) {
  if (name_space == XTRACE_REMOTE) return Namespace::remote;
  return name_space == XTRACE_AWS ? Namespace::aws : Namespace::local;
}

xtrace_segment* xtrace_begin_segment(xtrace_tracer* handle,
                                     const xtrace_segment_options* given) noexcept {
  if (handle == nullptr) return nullptr;
  const auto options = xtrace::read_struct(given);
  const std::string_view header = view_of(options.trace_header);
  const std::string_view traceparent = view_of(options.traceparent);
  const std::string_view tracestate = view_of(options.tracestate);
  const xtrace::SamplingRequest request{.service_type = view_of(options.service_type),
                                        .host = view_of(options.host),
                                        .http_method = view_of(options.method),
                                        .url_path = view_of(options.path)};
  const auto begin = [&options, &request, &tracer = handle->tracer](const auto& headers) {
    const bool was_asked = headers.sampled == xtrace::Sampled::requested;
    return hand_out(begin_with(tracer, view_of(options.name), headers, request), was_asked);
  };
  // Nearly every request's headers can be read where they are.
  const auto views = xtrace::view_trace_headers(header, traceparent, tracestate);
  return views ? begin(*views) : begin(xtrace::read_trace_headers(header, traceparent, tracestate));
}

xtrace_segment* xtrace_begin_facade(xtrace_tracer* tracer, const char* trace_header) noexcept {
  if (tracer == nullptr) return nullptr;
  return hand_out(tracer->tracer.begin_facade(xtrace::parse_trace_header(view_of(trace_header))),
                  false);
}

xtrace_segment* xtrace_begin_subsegment(xtrace_segment* parent, const char* name,
                                        const xtrace_subsegment_options* options) noexcept {
  if (parent == nullptr) return nullptr;
  return hand_out(parent->context->begin_subsegment(view_of(name), options_of(options)));
}

xtrace_segment* xtrace_begin_subsegment_here(xtrace_tracer* tracer, const char* name,
                                             const xtrace_subsegment_options* options) noexcept {
  if (tracer == nullptr) return nullptr;
  return hand_out(tracer->tracer.begin_subsegment(view_of(name), options_of(options)));
}

xtrace_segment* xtrace_refer(xtrace_segment* segment) noexcept {
  if (segment == nullptr || !segment->context->has_trace()) return nullptr;
  xtrace_segment& handle = take_reference(*segment->context, Kind::reference);
  handle.was_asked = segment->was_asked;
  return &handle;
}

void xtrace_announce(xtrace_segment* segment) noexcept {
  if (xtrace::SegmentHandle* owner = owner_of(segment)) owner->announce();
}

void xtrace_end(xtrace_segment* segment) noexcept {
  if (segment == nullptr || segment->kind == Kind::lent) return;
  xtrace::give_handle_back(*segment);
}

void xtrace_end_at(xtrace_segment* segment, int64_t time) noexcept {
  if (xtrace::SegmentHandle* owner = owner_of(segment)) owner->end(wall_of(time));
  xtrace_end(segment);
}

bool xtrace_is_recorded(const xtrace_segment* segment) noexcept {
  return segment != nullptr && static_cast<bool>(*segment->context);
}

bool xtrace_is_ended(const xtrace_segment* segment) noexcept {
  return segment == nullptr || segment->context->is_ended();
}

size_t xtrace_explain_decision(const xtrace_segment* segment, char* buffer, size_t size) noexcept {
  if (segment == nullptr) return xtrace::put_text({}, buffer, size);
  return xtrace::put_text(segment->context->decision().explain(), buffer, size);
}

size_t xtrace_trace_id(const xtrace_segment* segment, char* buffer, size_t size) noexcept {
  if (segment == nullptr) return xtrace::put_text({}, buffer, size);
  return xtrace::put_text(segment->context->trace_id().text(), buffer, size);
}

size_t xtrace_segment_id(const xtrace_segment* segment, char* buffer, size_t size) noexcept {
  if (segment == nullptr) return xtrace::put_text({}, buffer, size);
  return xtrace::put_text(segment->context->id().text(), buffer, size);
}

size_t xtrace_trace_header(const xtrace_segment* segment, char* buffer, size_t size) noexcept {
  return xtrace::put_appended(buffer, size, [segment](std::string& out) {
    if (segment != nullptr) segment->context->append_trace_header(out);
  });
}

size_t xtrace_traceparent(const xtrace_segment* segment, char* buffer, size_t size) noexcept {
  return xtrace::put_appended(buffer, size, [segment](std::string& out) {
    if (segment != nullptr) segment->context->trace_header().append_traceparent_to(out);
  });
}

size_t xtrace_tracestate(const xtrace_segment* segment, char* buffer, size_t size) noexcept {
  return xtrace::put_appended(buffer, size, [segment](std::string& out) {
    if (segment != nullptr) segment->context->trace_header().append_tracestate_to(out);
  });
}

size_t xtrace_answer_header(const xtrace_segment* segment, char* buffer, size_t size) noexcept {
  return xtrace::put_appended(buffer, size, [segment](std::string& out) {
    if (segment == nullptr || !segment->was_asked) return;
    append_root(*segment->context, out);
    out += segment->context->decision().is_sampled ? ";Sampled=1" : ";Sampled=0";
  });
}

void xtrace_push_current(xtrace_segment* segment) noexcept {
  xtrace_segment& handle =
      take_reference(segment == nullptr ? SegmentContext{} : *segment->context, Kind::lent);
  handle.was_asked = segment != nullptr && segment->was_asked;
  handle.scope.emplace(handle.reference);
  handle.current = &xtrace::current_context();
  handle.outer = std::exchange(innermost, &handle);
}

void xtrace_pop_current() noexcept {
  if (innermost == nullptr) return;
  xtrace_segment& handle = *innermost;
  innermost = handle.outer;
  xtrace::give_handle_back(handle);
}

xtrace_segment* xtrace_current() noexcept {
  const SegmentContext& context = xtrace::current_context();
  if (!context.has_trace()) return nullptr;
  if (innermost != nullptr && innermost->current == &context) return innermost;
  // C++ made it current. Whoever asks from C does so again and again: one handle is enough.
  xtrace_segment* lent = xtrace::lent_handle();
  if (lent == nullptr) return nullptr;
  lent->reference = context;
  return lent;
}
