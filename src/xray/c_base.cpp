#include <xtrace/c_base.h>
#include <xtrace/clock.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>

#include "xray/c_handle.h"

namespace {

using xtrace::Error;

template <xtrace_code kCode, Error::Code kTheirs>
constexpr bool kIsSame = static_cast<int>(kCode) == static_cast<int>(kTheirs);
static_assert(kIsSame<XTRACE_INVALID_CONFIG, Error::Code::invalid_config>);
static_assert(kIsSame<XTRACE_EMIT_REFUSED, Error::Code::emit_refused>);
static_assert(kIsSame<XTRACE_EMIT_FAILED, Error::Code::emit_failed>);
static_assert(kIsSame<XTRACE_DOCUMENT_TOO_LARGE, Error::Code::document_too_large>);
static_assert(kIsSame<XTRACE_INVALID_DOCUMENT, Error::Code::invalid_document>);
static_assert(xtrace::TraceId::kLength + 1 == XTRACE_TRACE_ID_SIZE);
static_assert(xtrace::SegmentId::kLength + 1 == XTRACE_SEGMENT_ID_SIZE);
static_assert(xtrace::TraceHeader::kMaxTracestateBytes + 1 == XTRACE_TRACESTATE_SIZE);
// Every byte of an extra field may be a key or a value of its own, with a sign before it.
static_assert(sizeof "Root=;Parent=;Sampled=1" + xtrace::TraceId::kLength +
                  xtrace::SegmentId::kLength + 2 * xtrace::TraceHeader::kMaxExtraBytes <=
              XTRACE_TRACE_HEADER_SIZE);

template <class Id>
std::size_t put_parsed(const char* text, char* buffer, std::size_t size, xtrace_error* error) {
  const auto id = Id::parse(xtrace::view_of(text));
  if (id) return xtrace::put_text(id->text(), buffer, size);
  xtrace::fail(error, id.error());
  xtrace::put_text({}, buffer, size);
  return 0;
}

}  // namespace

const char* xtrace_version() noexcept {
  return XTRACE_VERSION;
}

int xtrace_version_number() noexcept {
  return XTRACE_VERSION_NUMBER;
}

size_t xtrace_generate_trace_id(char* buffer, size_t size) noexcept {
  return xtrace::put_text(xtrace::TraceId::generate(xtrace::now().wall).text(), buffer, size);
}

size_t xtrace_generate_segment_id(char* buffer, size_t size) noexcept {
  return xtrace::put_text(xtrace::SegmentId::generate().text(), buffer, size);
}

size_t xtrace_parse_trace_id(const char* text, char* buffer, size_t size,
                             xtrace_error* error) noexcept {
  return put_parsed<xtrace::TraceId>(text, buffer, size, error);
}

size_t xtrace_parse_segment_id(const char* text, char* buffer, size_t size,
                               xtrace_error* error) noexcept {
  return put_parsed<xtrace::SegmentId>(text, buffer, size, error);
}
