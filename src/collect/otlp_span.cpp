#include "collect/otlp_span.h"

#include <charconv>

#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

Error no_span(std::string_view field, std::string_view reason) {
  return {Error::Code::invalid_document, Phase::none,
          "the span's " + std::string(field) + " " + std::string(reason)};
}

/// 64 bits are a text in JSON of protocol buffers, and some write numbers.
std::uint64_t read_otlp_nanos(ValueReader& reader) {
  constexpr double kMost = 1.8e19;
  if (reader.token() != '"') {
    const double value = reader.number().value_or(0);
    return value > 0 && value < kMost ? static_cast<std::uint64_t>(value) : 0;
  }
  const std::string_view text = reader.text();
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? value : 0;
}

/// A number, or the name of one behind `prefix`.
template <typename Choice, std::size_t kCount>
Choice read_otlp_choice(ValueReader& reader, std::string_view prefix,
                        const std::array<std::string_view, kCount>& names) {
  if (reader.token() != '"') {
    const std::int64_t number = reader.count().value_or(0);
    return static_cast<Choice>(number < std::int64_t{kCount} ? number : 0);
  }
  std::string_view text = reader.text();
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  for (std::size_t index = 0; index < kCount; ++index) {
    if (names[index] == text) return static_cast<Choice>(index);
  }
  return Choice{};
}

OtlpKind read_span_kind(ValueReader& reader) {
  constexpr std::array<std::string_view, 6> kNames = {"UNSPECIFIED", "INTERNAL", "SERVER",
                                                      "CLIENT",      "PRODUCER", "CONSUMER"};
  return read_otlp_choice<OtlpKind>(reader, "SPAN_KIND_", kNames);
}

void read_span_status(ValueReader& reader, OtlpSpan& span) {
  constexpr std::array<std::string_view, 3> kNames = {"UNSET", "OK", "ERROR"};
  reader.object([&](std::string_view key) {
    if (key == "code") {
      span.status = read_otlp_choice<OtlpStatus>(reader, "STATUS_CODE_", kNames);
    } else if (key == "message") {
      span.status_message = reader.text();
    } else {
      reader.skip();
    }
  });
}

/// As they are written.
struct OtlpIds {
  std::string_view trace{};
  std::string_view span{};
  std::string_view parent{};
};

void read_span_member(ValueReader& reader, std::string_view key, OtlpSpan& span, OtlpIds& ids,
                      std::deque<std::string>& decoded) {
  if (key == "traceId") {
    ids.trace = reader.text();
  } else if (key == "spanId") {
    ids.span = reader.text();
  } else if (key == "parentSpanId") {
    ids.parent = reader.text();
  } else if (key == "name") {
    span.name = reader.text();
  } else if (key == "kind") {
    span.kind = read_span_kind(reader);
  } else if (key == "startTimeUnixNano") {
    span.start = read_otlp_nanos(reader);
  } else if (key == "endTimeUnixNano") {
    span.end = read_otlp_nanos(reader);
  } else if (key == "attributes") {
    span.attributes = OtlpAttributeList(reader.block('['), decoded);
  } else if (key == "events") {
    span.events = reader.block('[');
  } else if (key == "links") {
    span.links = reader.block('[');
  } else if (key == "status") {
    read_span_status(reader, span);
  } else {
    reader.skip();
  }
}

}  // namespace

Expected<OtlpSpan> read_otlp_span(std::string_view text, std::deque<std::string>& decoded) {
  OtlpSpan span;
  OtlpIds ids;
  ValueReader reader(text, decoded);
  reader.object([&](std::string_view key) { read_span_member(reader, key, span, ids, decoded); });
  const auto trace_id = TraceId::parse(ids.trace);
  if (!trace_id || trace_id->is_noop()) return no_span("traceId", "is not 32 hex digits");
  const auto id = SegmentId::parse(ids.span);
  if (!id || id->is_noop()) return no_span("spanId", "is not 16 hex digits");
  if (!ids.parent.empty()) {
    const auto parent = SegmentId::parse(ids.parent);
    if (!parent) return no_span("parentSpanId", "is not 16 hex digits");
    span.parent = *parent;
  }
  if (span.start == 0) return no_span("startTimeUnixNano", "is no time");
  span.trace_id = *trace_id;
  span.id = *id;
  return span;
}

}  // namespace xtrace::collect
