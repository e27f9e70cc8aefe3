#include <algorithm>
#include <charconv>
#include <vector>

#include "collect/otlp_blocks.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

struct OtlpFrame {
  std::string_view path{};
  std::string_view label{};
  std::int64_t line = 0;
};

std::int64_t frame_line(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  std::int64_t line = 0;
  std::from_chars(text.data(), text.data() + text.size(), line);
  return line;
}

/// `at label(path: 12)`, as Java and its likes print it, and our own export; Node.js has a column
/// behind the line.
std::optional<OtlpFrame> java_frame(std::string_view line) {
  constexpr std::string_view kAt = "at ";
  if (!line.starts_with(kAt)) return std::nullopt;
  line.remove_prefix(kAt.size());
  OtlpFrame frame;
  const std::size_t open = line.rfind('(');
  std::string_view place = line;
  if (open != std::string_view::npos && line.ends_with(')')) {
    frame.label = line.substr(0, open);
    place = line.substr(open + 1, line.size() - open - 2);
  }
  while (frame.label.ends_with(' ')) frame.label.remove_suffix(1);
  frame.path = place;
  for (int numbers = 0; numbers < 2; ++numbers) {
    const std::size_t colon = frame.path.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == frame.path.size()) break;
    const std::string_view number = frame.path.substr(colon + 1);
    if (number.find_first_not_of(" 0123456789") != std::string_view::npos) break;
    frame.line = frame_line(number);
    frame.path = frame.path.substr(0, colon);
  }
  return frame;
}

/// `File "path", line 12, in label`, as Python prints it.
std::optional<OtlpFrame> python_frame(std::string_view line) {
  constexpr std::string_view kFile = "File \"";
  constexpr std::string_view kLine = "\", line ";
  constexpr std::string_view kIn = ", in ";
  if (!line.starts_with(kFile)) return std::nullopt;
  line.remove_prefix(kFile.size());
  const std::size_t end = line.find(kLine);
  if (end == std::string_view::npos) return std::nullopt;
  OtlpFrame frame{.path = line.substr(0, end)};
  line.remove_prefix(end + kLine.size());
  frame.line = frame_line(line);
  if (const std::size_t in = line.find(kIn); in != std::string_view::npos) {
    frame.label = line.substr(in + kIn.size());
  }
  return frame;
}

std::vector<OtlpFrame> read_otlp_stack(std::string_view text) {
  std::vector<OtlpFrame> frames;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    line.remove_prefix(begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    auto frame = java_frame(line);
    if (!frame) frame = python_frame(line);
    if (frame) frames.push_back(*frame);
  }
  return frames;
}

void put_cause(JsonWriter& json, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  json.key(key);
  json.string(value);
}

void write_stack_of(JsonWriter& json, std::string_view text) {
  const std::vector<OtlpFrame> frames = read_otlp_stack(text);
  if (frames.empty()) return;
  json.key("stack");
  json.begin_array();
  for (const OtlpFrame& frame : frames) {
    json.begin_object();
    put_cause(json, "path", frame.path);
    json.key("line");
    json.integer(frame.line);
    put_cause(json, "label", frame.label);
    json.end_object();
  }
  json.end_array();
}

void write_otlp_exception(JsonWriter& json, OtlpAttributeList attributes) {
  json.begin_object();
  const auto id = SegmentId::parse(attributes.take_text("aws.xray.exception.id"));
  put_cause(json, "id", (id ? *id : SegmentId::generate()).text());
  put_cause(json, "type", attributes.take_text("exception.type"));
  put_cause(json, "message", attributes.take_text("exception.message"));
  put_cause(json, "cause", attributes.take_text("aws.xray.exception.cause"));
  if (attributes.take_flag("aws.xray.exception.remote")) {
    json.key("remote");
    json.boolean(true);
  }
  if (const auto truncated = attributes.take_count("aws.xray.exception.truncated")) {
    json.key("truncated");
    json.integer(*truncated);
  }
  write_stack_of(json, attributes.take_text("exception.stacktrace"));
  json.end_object();
}

/// The attributes of an event that is an exception.
std::optional<OtlpAttributeList> read_exception_event(ValueReader& reader,
                                                      std::deque<std::string>& decoded) {
  std::string_view name;
  std::string_view attributes;
  reader.object([&](std::string_view key) {
    if (key == "name") {
      name = reader.text();
    } else if (key == "attributes") {
      attributes = reader.block('[');
    } else {
      reader.skip();
    }
  });
  if (name != "exception") return std::nullopt;
  return OtlpAttributeList(attributes, decoded);
}

std::vector<OtlpAttributeList> read_otlp_exceptions(std::string_view events,
                                                    std::deque<std::string>& decoded) {
  std::vector<OtlpAttributeList> exceptions;
  if (events.empty()) return exceptions;
  ValueReader reader(events, decoded);
  reader.array([&] {
    if (auto attributes = read_exception_event(reader, decoded)) {
      exceptions.push_back(*std::move(attributes));
    }
  });
  return exceptions;
}

}  // namespace

void write_cause_block(JsonWriter& json, const OtlpSpan& span, std::deque<std::string>& decoded) {
  const std::vector<OtlpAttributeList> exceptions = read_otlp_exceptions(span.events, decoded);
  const bool has_message = span.status == OtlpStatus::error && !span.status_message.empty();
  if (exceptions.empty() && !has_message) return;
  // Where the cause is an exception of another node, the message is its id.
  if (exceptions.empty() && span.status_message.size() == SegmentId::kLength &&
      SegmentId::parse(span.status_message)) {
    return put_cause(json, "cause", span.status_message);
  }
  json.key("cause");
  json.begin_object();
  json.key("exceptions");
  json.begin_array();
  for (const OtlpAttributeList& exception : exceptions) write_otlp_exception(json, exception);
  if (exceptions.empty()) {
    json.begin_object();
    put_cause(json, "id", SegmentId::generate().text());
    put_cause(json, "message", span.status_message);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace xtrace::collect
