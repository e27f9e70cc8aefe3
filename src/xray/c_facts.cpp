#include <deque>
#include <vector>

#include <xtrace/c_facts.h>
#include <xtrace/segment_facts.h>

#include "xray/c_handle.h"

using xtrace::view_of;

void xtrace_set_http_request(xtrace_segment* segment, const xtrace_http_request* given) noexcept {
  if (segment == nullptr || given == nullptr) return;
  const auto request = xtrace::read_struct(given);
  segment->context->set_http_request({.method = view_of(request.method),
                                      .url = view_of(request.url),
                                      .user_agent = view_of(request.user_agent),
                                      .client_ip = view_of(request.client_ip),
                                      .is_forwarded = request.is_forwarded,
                                      .is_traced = request.is_traced,
                                      .keep_secrets = request.keeps_secrets});
}

void xtrace_set_http_response(xtrace_segment* segment, int status,
                              int64_t content_length) noexcept {
  if (segment == nullptr) return;
  xtrace::HttpResponseFacts response;
  if (status != 0) response.status = status;
  if (content_length >= 0) response.content_length = static_cast<std::uint64_t>(content_length);
  segment->context->set_http_response(response);
}

void xtrace_set_status(xtrace_segment* segment, int status) noexcept {
  if (segment != nullptr) segment->context->set_status(status);
}

void xtrace_set_flags(xtrace_segment* segment, unsigned flags) noexcept {
  if (segment == nullptr) return;
  segment->context->set_flags({.error = (flags & XTRACE_ERROR) != 0,
                               .throttle = (flags & XTRACE_THROTTLE) != 0,
                               .fault = (flags & XTRACE_FAULT) != 0});
}

unsigned xtrace_get_flags(const xtrace_segment* segment) noexcept {
  if (segment == nullptr) return 0;
  const xtrace::Flags flags = segment->context->flags();
  unsigned bits = flags.error ? XTRACE_ERROR : 0;
  if (flags.throttle) bits |= XTRACE_THROTTLE;
  if (flags.fault) bits |= XTRACE_FAULT;
  return bits;
}

void xtrace_set_sql(xtrace_segment* segment, const xtrace_sql* given) noexcept {
  if (segment == nullptr || given == nullptr) return;
  const auto query = xtrace::read_struct(given);
  segment->context->set_sql({.connection_string = view_of(query.connection_string),
                             .url = view_of(query.url),
                             .sanitized_query = view_of(query.sanitized_query),
                             .database_type = view_of(query.database_type),
                             .database_version = view_of(query.database_version),
                             .driver_version = view_of(query.driver_version),
                             .user = view_of(query.user),
                             .preparation = view_of(query.preparation)});
}

void xtrace_set_aws_call(xtrace_segment* segment, const xtrace_aws_call* given) noexcept {
  if (segment == nullptr || given == nullptr) return;
  const auto call = xtrace::read_struct(given);
  xtrace::AwsCallFacts facts{.operation = view_of(call.operation),
                             .region = view_of(call.region),
                             .account_id = view_of(call.account_id),
                             .request_id = view_of(call.request_id),
                             .queue_url = view_of(call.queue_url),
                             .table_name = view_of(call.table_name),
                             .bucket_name = view_of(call.bucket_name),
                             .key = view_of(call.key)};
  if (call.knows_retries) facts.retries = call.retries;
  segment->context->set_aws_call(facts);
}

void xtrace_set_aws_json(xtrace_segment* segment, const char* key, const char* json) noexcept {
  if (segment != nullptr) segment->context->set_aws_json(view_of(key), view_of(json));
}

size_t xtrace_add_exception(xtrace_segment* segment, const xtrace_exception* given, char* buffer,
                            size_t size) noexcept {
  if (segment == nullptr || given == nullptr) return xtrace::put_text({}, buffer, size);
  // Neither moves what it holds when it grows at its end.
  std::deque<std::vector<xtrace::StackFrame>> stacks;
  std::deque<xtrace::ExceptionFacts> chain;
  for (const xtrace_exception* one = given; one != nullptr;) {
    const auto exception = xtrace::read_struct(one);
    std::vector<xtrace::StackFrame>& stack = stacks.emplace_back();
    for (std::size_t i = 0; exception.stack != nullptr && i < exception.stack_length; ++i) {
      const xtrace_stack_frame& frame = exception.stack[i];
      stack.push_back(
          {.path = view_of(frame.path), .line = frame.line, .label = view_of(frame.label)});
    }
    using Origin = xtrace::ExceptionOrigin;
    xtrace::ExceptionFacts& facts = chain.emplace_back();
    facts.type = view_of(exception.type);
    facts.message = view_of(exception.message);
    facts.origin = exception.is_remote ? Origin::remote : Origin::local;
    facts.stack = stack;
    if (chain.size() > 1) chain[chain.size() - 2].cause = &facts;
    one = exception.cause;
  }
  const xtrace::SegmentId id = segment->context->add_exception(chain.front());
  return xtrace::put_text(id.text(), buffer, size);
}

void xtrace_refer_to_exception(xtrace_segment* segment, const char* exception_id) noexcept {
  if (segment == nullptr) return;
  const auto id = xtrace::SegmentId::parse(view_of(exception_id));
  if (id) segment->context->refer_to_exception(*id);
}

void xtrace_annotate_text(xtrace_segment* segment, const char* key, const char* value) noexcept {
  if (segment != nullptr) segment->context->annotate(view_of(key), view_of(value));
}

void xtrace_annotate_integer(xtrace_segment* segment, const char* key, int64_t value) noexcept {
  if (segment != nullptr) segment->context->annotate(view_of(key), value);
}

void xtrace_annotate_number(xtrace_segment* segment, const char* key, double value) noexcept {
  if (segment != nullptr) segment->context->annotate(view_of(key), value);
}

void xtrace_annotate_boolean(xtrace_segment* segment, const char* key, bool value) noexcept {
  if (segment != nullptr) segment->context->annotate(view_of(key), value);
}

void xtrace_set_metadata_text(xtrace_segment* segment, const char* space, const char* key,
                              const char* value) noexcept {
  if (segment == nullptr) return;
  segment->context->set_metadata(view_of(space), view_of(key), view_of(value));
}

void xtrace_set_metadata_integer(xtrace_segment* segment, const char* space, const char* key,
                                 int64_t value) noexcept {
  if (segment != nullptr) segment->context->set_metadata(view_of(space), view_of(key), value);
}

void xtrace_set_metadata_number(xtrace_segment* segment, const char* space, const char* key,
                                double value) noexcept {
  if (segment != nullptr) segment->context->set_metadata(view_of(space), view_of(key), value);
}

void xtrace_set_metadata_boolean(xtrace_segment* segment, const char* space, const char* key,
                                 bool value) noexcept {
  if (segment != nullptr) segment->context->set_metadata(view_of(space), view_of(key), value);
}

void xtrace_set_metadata_json(xtrace_segment* segment, const char* space, const char* key,
                              const char* json) noexcept {
  if (segment == nullptr) return;
  segment->context->set_metadata_json(view_of(space), view_of(key), view_of(json));
}

void xtrace_add_link(xtrace_segment* segment, const char* trace_id,
                     const char* segment_id) noexcept {
  if (segment == nullptr) return;
  const auto trace = xtrace::TraceId::parse(view_of(trace_id));
  const auto id = xtrace::SegmentId::parse(view_of(segment_id));
  if (trace && id) segment->context->add_link({.trace_id = *trace, .id = *id});
}

void xtrace_set_namespace(xtrace_segment* subsegment, int name_space) noexcept {
  if (subsegment == nullptr) return;
  subsegment->subsegment.set_namespace(xtrace::namespace_of(name_space));
}

void xtrace_add_precursor(xtrace_segment* subsegment, const char* segment_id) noexcept {
  if (subsegment == nullptr) return;
  const auto id = xtrace::SegmentId::parse(view_of(segment_id));
  if (id) subsegment->subsegment.add_precursor(*id);
}

// The segment of other handles is empty, and ignores this.
void xtrace_set_user(xtrace_segment* segment, const char* user) noexcept {
  if (segment != nullptr) segment->segment.set_user(view_of(user));
}

void xtrace_set_origin(xtrace_segment* segment, const char* origin) noexcept {
  if (segment != nullptr) segment->segment.set_origin(view_of(origin));
}

void xtrace_set_service_version(xtrace_segment* segment, const char* version) noexcept {
  if (segment != nullptr) segment->segment.set_service_version(view_of(version));
}
