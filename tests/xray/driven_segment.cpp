#include "xray/driven_segment.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "base/utf8.h"

namespace xtrace::testing {

namespace {

using nlohmann::json;

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (!point.is_valid) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

class Driver {
 public:
  explicit Driver(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  DrivenSegment run() {
    DrivenSegment driven;
    driven.segment = Segment::begin(text());
    open_.emplace_back();
    while (!bytes_.empty()) step(driven.segment);
    for (const auto& [place, value] : expected_) {
      driven.expectations.push_back({place.first, json::json_pointer(place.second), value});
    }
    if (byte() % 2 == 0) driven.segment.end();
    return driven;
  }

 private:
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }

  /// Up to 255 bytes, and now and then forty times as many.
  std::string text() {
    const std::size_t wanted = byte();
    const std::size_t size = std::min(wanted, bytes_.size());
    const void* data = bytes_.data();
    std::string taken{static_cast<const char*>(data), size};
    bytes_ = bytes_.subspan(size);
    if (size % 16 != 15) return taken;
    std::string many;
    for (int i = 0; i < 40; ++i) many += taken;
    return many;
  }

  double number() {
    double value = 0;
    const std::size_t size = std::min(sizeof value, bytes_.size());
    std::memcpy(&value, bytes_.data(), size);
    bytes_ = bytes_.subspan(size);
    return value;
  }

  void step(Segment& segment) {
    SegmentContext node = open_.size() > 1 ? open_.back().context() : segment.context();
    switch (byte() % 12) {
      case 0:
        return begin(node);
      case 1:
        if (open_.size() > 1) open_.pop_back();
        return;
      case 2:
        return annotate_text(node);
      case 3:
        return annotate_number(node);
      case 4:
        return keep_metadata(node);
      case 5:
        return keep_json(node);
      case 6:
        return keep_http(node);
      case 7:
        return keep_exception(node);
      case 8:
        node.set_status(byte() * 4);
        return;
      case 9:
        return node.set_sql({.url = text(), .sanitized_query = text(), .user = text()});
      case 10:
        node.set_aws_json("table_name", text());
        return node.set_aws_call({.operation = text(), .table_name = text(), .retries = byte()});
      default:
        segment.set_user(text());
        segment.set_origin(text());
    }
  }

  void begin(const SegmentContext& node) {
    const auto space = static_cast<Namespace>(byte() % 3);
    open_.push_back(node.begin_subsegment(text(), {.space = space}));
    if (byte() % 4 == 0) open_.back().add_precursor(SegmentId::generate());
  }

  void annotate_text(const SegmentContext& node) {
    const std::string key = text();
    const std::string value = text();
    node.annotate(key, value);
    if (is_annotation_key(key)) expect(node, "/annotations/" + key, short_form(value, 1000));
  }

  void annotate_number(const SegmentContext& node) {
    const std::string key = text();
    const double value = number();
    node.annotate(key, value);
    if (is_annotation_key(key) && std::isfinite(value)) {
      expect(node, "/annotations/" + key, value);
    }
  }

  void keep_metadata(const SegmentContext& node) {
    const std::string value = text();
    const std::string key = "k" + std::to_string(byte());
    node.set_metadata("space", key, value);
    expect(node, "/metadata/space/" + key, short_form(value, value.size()));
  }

  void keep_json(const SegmentContext& node) {
    const std::string value = text();
    const std::string key = "j" + std::to_string(byte());
    node.set_metadata_json("", key, value);
    const json parsed = json::parse(value, nullptr, false);
    // That parser ends at a NUL and skips a byte order mark, which are not JSON.
    const bool is_text = parsed.is_discarded() || value.find('\0') != std::string::npos ||
                         value.starts_with("\xEF\xBB\xBF");
    expect(node, "/metadata/default/" + key, is_text ? short_form(value, value.size()) : parsed);
  }

  void keep_http(const SegmentContext& node) {
    const std::string url = text();
    const std::string agent = text();
    node.set_http_request({.method = "GET", .url = url, .user_agent = agent, .keep_secrets = true});
    node.set_http_response({.status = byte(), .content_length = byte()});
    expect(node, "/http/request/url", url.empty() ? json() : short_form(url, url.size()));
  }

  void keep_exception(const SegmentContext& node) {
    const std::string type = text();
    const std::string message = text();
    const std::vector<StackFrame> stack(byte() % 40, StackFrame{.path = type, .line = 3});
    const ExceptionFacts cause{.type = type, .message = message};
    node.add_exception({.type = type, .message = message, .stack = stack, .cause = &cause});
  }

  /// What the text reads back as; null where that is hard to say.
  static json short_form(const std::string& value, std::size_t characters) {
    return is_utf8(value) ? json(std::string{utf8_first(value, characters)}) : json();
  }

  void expect(const SegmentContext& node, const std::string& path, json value) {
    expected_[{node.id().to_string(), path}] = std::move(value);
  }

  std::span<const std::uint8_t> bytes_;
  std::vector<Subsegment> open_;
  std::map<std::pair<std::string, std::string>, json> expected_;
};

}  // namespace

DrivenSegment drive_segment(std::span<const std::uint8_t> bytes) {
  return Driver{bytes}.run();
}

const json* find_node(const json& document, const std::string& id) {
  std::vector<const json*> waiting{&document};
  while (!waiting.empty()) {
    const json* node = waiting.back();
    waiting.pop_back();
    if (node->value("id", "") == id) return node;
    if (!node->contains("subsegments")) continue;
    for (const json& child : (*node)["subsegments"]) waiting.push_back(&child);
  }
  return nullptr;
}

}  // namespace xtrace::testing
