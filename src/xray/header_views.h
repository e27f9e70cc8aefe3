#pragma once

/// A request's trace headers, read without allocating, for a server that begins a segment of each
/// request: what `TraceHeader` holds, as views into the texts it was read from.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include <xtrace/segment.h>
#include <xtrace/tracer.h>

namespace xtrace {

struct FieldViews {
  std::string_view key{};
  std::string_view value{};
};

/// As many extra fields as anybody sends.
class ExtraViews {
 public:
  static constexpr std::size_t kMaxFields = 6;

  const FieldViews* begin() const { return fields_.data(); }
  const FieldViews* end() const { return fields_.data() + count_; }
  /// False where there is no place for it.
  bool add(std::string_view key, std::string_view value) {
    if (count_ == kMaxFields) return false;
    fields_[count_++] = {key, value};
    return true;
  }

 private:
  std::array<FieldViews, kMaxFields> fields_{};
  std::size_t count_ = 0;
};

/// As the members of `TraceHeader`. Nobody's `tracestate`: where there is one, it takes a
/// `TraceHeader`.
struct HeaderViews {
  std::optional<TraceId> root{};
  std::string_view root_text{};
  std::string_view parent{};
  Sampled sampled = Sampled::unknown;
  ExtraViews extra{};
  std::string_view tracestate{};
};

/// What `parse_trace_header` reads. Nothing where that takes more than views: an extra field twice,
/// or more of them than there are places.
std::optional<HeaderViews> view_trace_header(std::string_view text);

/// What `parse_traceparent` reads where there is no `tracestate`.
HeaderViews view_traceparent(std::string_view traceparent);

/// `read_trace_headers`, or nothing, as above or where a `tracestate` counts.
std::optional<HeaderViews> view_trace_headers(std::string_view x_amzn_trace_id,
                                              std::string_view traceparent,
                                              std::string_view tracestate);

/// What a tracer does for the library's own servers, to whom each lock counts.
struct TracerInside {
  /// `Tracer::begin_segment`
  static Segment begin_segment(Tracer& tracer, std::string_view name, const HeaderViews& header,
                               const SamplingRequest& request);
  /// `set_http_response`, the flags of its status, `end`
  static void end_segment(Segment& segment, const HttpResponseFacts& response);
};

}  // namespace xtrace
