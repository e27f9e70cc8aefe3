#pragma once

/// A span of OTLP JSON, and the segment document that it becomes.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/expected.h>
#include <xtrace/trace_id.h>

#include "collect/otlp_names.h"
#include "collect/otlp_value.h"

namespace xtrace::collect {

struct OtlpSpan {
  TraceId trace_id{};
  SegmentId id{};
  SegmentId parent{};  ///< Zeros where there is none.
  std::string_view name{};
  OtlpKind kind = OtlpKind::unset;
  std::uint64_t start = 0;  ///< Epoch nanoseconds; 0 where there is none.
  std::uint64_t end = 0;
  OtlpStatus status = OtlpStatus::unset;
  std::string_view status_message{};
  OtlpAttributeList attributes{};
  std::string_view events{};  ///< Arrays, as they are written.
  std::string_view links{};

  /// As the exporter tells them apart.
  bool is_segment() const { return kind == OtlpKind::server || parent.is_noop(); }
};

/// Fails with `invalid_document`, naming the field that makes it no span. Texts are views into
/// `span`, or into `decoded`.
Expected<OtlpSpan> read_otlp_span(std::string_view span, std::deque<std::string>& decoded);

/// Takes what it knows out of both lists. `out` is replaced.
void write_span_document(OtlpSpan& span, OtlpAttributeList& resource,
                         std::deque<std::string>& decoded, std::string& out);

}  // namespace xtrace::collect
