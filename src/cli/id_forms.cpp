#include "cli/id_forms.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

Error bad_id(std::string message) {
  return {Error::Code::invalid_document, Phase::none, std::move(message)};
}

/// What was copied from a request is read as well: `X-Amzn-Trace-Id: Root=...`.
std::string_view without_field_name(std::string_view text) {
  for (const std::string_view name : {"x-amzn-trace-id", "traceparent"}) {
    const bool is_named = text.size() > name.size() && text[name.size()] == ':' &&
                          same_word(text.substr(0, name.size()), name);
    if (is_named) return trim(text.substr(name.size() + 1));
  }
  return text;
}

Expected<NamedTrace> read_header(std::string_view text) {
  TraceHeader header = parse_trace_header(text);
  if (header.root) return NamedTrace{.header = std::move(header), .given = IdForm::header};
  if (header.root_text.empty()) return bad_id("this trace header has no Root");
  return bad_id("the Root of this trace header is no trace id");
}

Expected<NamedTrace> read_traceparent(std::string_view text) {
  TraceHeader header = parse_traceparent(text);
  if (header.root) return NamedTrace{.header = std::move(header), .given = IdForm::traceparent};
  return bad_id("this traceparent is none such as 00-<32 digits>-<16 digits>-01, in small letters");
}

Expected<NamedTrace> read_bare(std::string_view text) {
  NamedTrace named;
  if (auto segment = SegmentId::parse(text)) {
    named.header.parent = segment->to_string();
    named.given = IdForm::segment;
    return named;
  }
  const auto trace = TraceId::parse(text);
  if (!trace) {
    return bad_id(
        "this is no trace id such as 1-58406520-a006649127e371903a2de979, nor 32 or 16 hex "
        "digits, nor a header");
  }
  named.header.root = *trace;
  named.given = text.find('-') == std::string_view::npos ? IdForm::w3c : IdForm::xray;
  return named;
}

std::string to_w3c(const TraceId& id) {
  std::string text(id.text().substr(2));
  std::erase(text, '-');
  return text;
}

std::string to_utc(const TraceId& id) {
  return format_utc(WallTime(std::chrono::seconds(id.seconds())));
}

void write_optional(JsonWriter& json, std::string_view key, const std::string& text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.string(text);
  }
}

std::string to_json(const TraceHeader& header) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_optional(json, "trace_id", header.root->to_string());
  write_optional(json, "w3c", to_w3c(*header.root));
  write_optional(json, "parent", header.parent);
  json.key("sampled");
  if (header.sampled == Sampled::yes || header.sampled == Sampled::no) {
    json.boolean(header.sampled == Sampled::yes);
  } else {
    json.null();
  }
  write_optional(json, "started_at", to_utc(*header.root));
  write_optional(json, "header", header.to_string());
  write_optional(json, "traceparent", header.to_traceparent());
  write_optional(json, "tracestate", header.to_tracestate());
  json.end_object();
  return text;
}

Expected<std::string> write_traceparent(const TraceHeader& header) {
  std::string text = header.to_traceparent();
  if (!text.empty()) return text;
  if (header.root->is_noop()) {
    return bad_id("the zeros of a trace that is not recorded have no traceparent");
  }
  return bad_id("its Parent is no segment id of 16 hex digits, which a traceparent needs");
}

}  // namespace

Expected<NamedTrace> read_id(std::string_view text) {
  text = without_field_name(trim(text));
  if (text.empty()) return bad_id("there is no id");
  if (text.find('=') != std::string_view::npos) return read_header(text);
  if (text.size() > TraceId::kLength && text.find('-') == 2) return read_traceparent(text);
  return read_bare(text);
}

IdForm counterpart(IdForm given) {
  switch (given) {
    case IdForm::xray:
      return IdForm::w3c;
    case IdForm::header:
      return IdForm::traceparent;
    case IdForm::traceparent:
      return IdForm::header;
    case IdForm::segment:
      return IdForm::segment;
    case IdForm::w3c:
    case IdForm::time:
    case IdForm::json:
      break;
  }
  return IdForm::xray;
}

void complete(NamedTrace& trace, IdForm form, WallTime now) {
  TraceHeader& header = trace.header;
  if (trace.given == IdForm::segment) return;
  const bool is_bare = trace.given == IdForm::xray || trace.given == IdForm::w3c;
  if (!header.root) header.root = TraceId::generate(now);
  if (is_bare && header.sampled == Sampled::unknown) header.sampled = Sampled::yes;
  const bool needs_parent =
      form == IdForm::traceparent || form == IdForm::json || (is_bare && form == IdForm::header);
  if (needs_parent && header.parent.empty()) header.parent = SegmentId::generate().to_string();
}

Expected<std::string> write_id(const TraceHeader& header, IdForm form) {
  if (form == IdForm::segment) {
    auto id = SegmentId::parse(header.parent);
    if (id) return id->to_string();
    return bad_id(header.parent.empty() ? "this names a trace and no segment of it"
                                        : "the Parent of this trace header is no segment id");
  }
  if (!header.root) {
    return bad_id("this is a segment id, which has one form only and names no trace");
  }
  switch (form) {
    case IdForm::w3c:
      return to_w3c(*header.root);
    case IdForm::header:
      return header.to_string();
    case IdForm::traceparent:
      return write_traceparent(header);
    case IdForm::time:
      return to_utc(*header.root);
    case IdForm::json:
      return to_json(header);
    case IdForm::xray:
    case IdForm::segment:
      break;
  }
  return header.root->to_string();
}

}  // namespace xtrace::cli
