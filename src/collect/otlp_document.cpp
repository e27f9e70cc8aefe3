#include <algorithm>
#include <cstdio>
#include <vector>

#include "collect/otlp_blocks.h"
#include "collect/otlp_span.h"
#include "collect/value_reader.h"
#include "xray/correct.h"

namespace xtrace::collect {

namespace {

constexpr std::string_view kOtherMetadata = "default";

void put_otlp_text(JsonWriter& json, std::string_view key, std::string_view value) {
  json.key(key);
  json.string(value);
}

/// Epoch seconds with every digit of the nanoseconds that says something.
std::string seconds_text(std::uint64_t nanos) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr std::size_t kFewest = 6;
  char text[40];
  const int length = std::snprintf(text, sizeof text, "%llu.%09llu",
                                   static_cast<unsigned long long>(nanos / kSecond),
                                   static_cast<unsigned long long>(nanos % kSecond));
  std::string seconds(text, static_cast<std::size_t>(length));
  const std::size_t shortest = seconds.find('.') + 1 + kFewest;
  while (seconds.size() > shortest && seconds.back() == '0') seconds.pop_back();
  return seconds;
}

bool is_dependency(OtlpKind kind) {
  return kind == OtlpKind::client || kind == OtlpKind::producer || kind == OtlpKind::consumer;
}

/// `orders@db.example.com`, of a database and its connection.
std::string database_name(const OtlpAttributeList& attributes) {
  std::string name(attributes.look("db.name"));
  std::string_view rest = attributes.look("db.connection_string");
  const std::size_t scheme = rest.find("//");
  if (name.empty() || scheme == std::string_view::npos) return name;
  rest.remove_prefix(scheme + 2);
  rest = rest.substr(0, rest.find_first_of("/?"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    rest.remove_prefix(at + 1);
  }
  rest = rest.substr(0, rest.find(':'));
  return rest.empty() ? name : name.append("@").append(rest);
}

/// X-Ray names segments after services, where spans are named after what they do.
std::string span_service(const OtlpSpan& span, const OtlpAttributeList& resource) {
  const OtlpAttributeList& attributes = span.attributes;
  const bool is_server = span.kind == OtlpKind::server;
  const std::string candidates[] = {
      std::string(is_server ? attributes.look("aws.local.service") : ""),
      std::string(is_dependency(span.kind) ? attributes.look("aws.remote.service") : ""),
      std::string(attributes.look("peer.service")),
      std::string(attributes.look("aws.service")),
      database_name(attributes),
      std::string(is_server ? resource.look("service.name") : ""),
      std::string(attributes.look("rpc.service")),
      std::string(attributes.look("http.host")),
      std::string(attributes.look("net.peer.name")),
      std::string(span.name)};
  for (const std::string& name : candidates) {
    if (!name.empty()) return correct_name(name).text;
  }
  return "span";
}

std::string_view span_space(OtlpSpan& span) {
  const bool is_aws = span.attributes.look("rpc.system") == "aws-api" ||
                      !span.attributes.look("aws.service").empty();
  if (is_aws) return "aws";
  const bool is_remote =
      is_dependency(span.kind) &&
      (span.kind == OtlpKind::client || !span.attributes.look("aws.remote.service").empty());
  return is_remote ? "remote" : span.attributes.take_text("aws.xray.namespace");
}

/// X-Ray takes letters, digits, underscores and, since OpenTelemetry writes them, dots.
std::string annotation_key(std::string_view key) {
  std::string fixed(key);
  for (char& c : fixed) {
    const bool is_kept =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.';
    if (!is_kept) c = '_';
  }
  return fixed;
}

void write_otlp_annotations(JsonWriter& json, OtlpAttributeList& attributes,
                            std::deque<std::string>& decoded) {
  using enum OtlpValue::Kind;
  const OtlpValue* const list = attributes.take(kOtlpAnnotations);
  if (list == nullptr) return;
  bool has_begun = false;
  for (const std::string_view key : otlp_texts(*list, decoded)) {
    const OtlpValue* const value = attributes.take(key);
    if (value == nullptr || value->kind == none || value->kind == array || value->kind == object) {
      continue;
    }
    if (!std::exchange(has_begun, true)) {
      json.key("annotations");
      json.begin_object();
    }
    json.key(std::string_view(annotation_key(key)));
    write_otlp_value(json, *value, decoded);
  }
  if (has_begun) json.end_object();
}

/// The members of an object as they are written; nothing where the text is no object.
struct RawMember {
  JsonText key{};
  std::string_view value{};
};
std::optional<std::vector<RawMember>> raw_members(std::string_view object) {
  std::vector<RawMember> members;
  JsonCursor cursor(object);
  const bool is_object = cursor.object([&](const JsonText& key) {
    if (cursor.token() == '\0') return false;
    const std::size_t begin = cursor.offset();
    if (!cursor.skip_value()) return false;
    members.push_back({key, object.substr(begin, cursor.offset() - begin)});
    return true;
  });
  if (!is_object || cursor.token() != '\0') return std::nullopt;
  return members;
}

void write_raw_members(JsonWriter& json, const std::vector<RawMember>& members) {
  for (const RawMember& member : members) {
    json.key(std::string_view(member.key.decode()));
    json.raw(member.value);
  }
}

/// Writes a metadata block: the spaces that were spelled out, and one of all that is left over.
class OtlpMetadata {
 public:
  OtlpMetadata(JsonWriter& json, std::deque<std::string>& decoded)
      : json_(json), decoded_(decoded) {}
  OtlpMetadata(const OtlpMetadata&) = delete;
  OtlpMetadata& operator=(const OtlpMetadata&) = delete;
  ~OtlpMetadata() {
    if (has_begun_) json_.end_object();
  }

  void write_spaces(OtlpAttributeList& attributes) {
    for (std::size_t index = 0; index < attributes.all().size(); ++index) {
      const OtlpAttribute& attribute = attributes.all()[index];
      const bool is_space = !attribute.is_used && attribute.value.kind == OtlpValue::Kind::text &&
                            attribute.key.starts_with(kOtlpMetadataPrefix);
      if (!is_space) continue;
      const auto members = raw_members(attribute.value.text);
      if (!members) continue;
      attributes.mark_used(index);
      const std::string_view space = attribute.key.substr(kOtlpMetadataPrefix.size());
      if (space == kOtherMetadata) {
        others_.insert(others_.end(), members->begin(), members->end());
        continue;
      }
      begin(space);
      write_raw_members(json_, *members);
      json_.end_object();
    }
  }

  /// `resource` is null where it is not recorded.
  void write_rest(const OtlpAttributeList& attributes, const OtlpAttributeList* resource) {
    write_members_of_rest(attributes, "");
    if (resource != nullptr) write_members_of_rest(*resource, "otel.resource.");
    if (others_.empty() && !is_open_) return;
    if (!is_open_) begin(kOtherMetadata);
    write_raw_members(json_, others_);
    json_.end_object();
  }

 private:
  void begin(std::string_view space) {
    if (!std::exchange(has_begun_, true)) {
      json_.key("metadata");
      json_.begin_object();
    }
    json_.key(space);
    json_.begin_object();
  }

  void write_members_of_rest(const OtlpAttributeList& attributes, std::string_view prefix) {
    for (const OtlpAttribute& attribute : attributes.all()) {
      if (attribute.is_used || attribute.value.kind == OtlpValue::Kind::none) continue;
      if (!std::exchange(is_open_, true)) begin(kOtherMetadata);
      json_.key(std::string_view(std::string(prefix).append(attribute.key)));
      write_otlp_value(json_, attribute.value, decoded_);
    }
  }

  JsonWriter& json_;
  std::deque<std::string>& decoded_;
  std::vector<RawMember> others_;
  bool has_begun_ = false;
  bool is_open_ = false;
};

void write_span_links(JsonWriter& json, std::string_view links, std::deque<std::string>& decoded) {
  if (links.empty()) return;
  json.key("links");
  json.begin_array();
  ValueReader reader(links, decoded);
  reader.array([&] {
    std::string_view trace;
    std::string_view span;
    reader.object([&](std::string_view key) {
      if (key == "traceId") {
        trace = reader.text();
      } else if (key == "spanId") {
        span = reader.text();
      } else {
        reader.skip();
      }
    });
    const auto trace_id = TraceId::parse(trace);
    const auto id = SegmentId::parse(span);
    if (!trace_id || !id) return;
    json.begin_object();
    put_otlp_text(json, "trace_id", trace_id->text());
    put_otlp_text(json, "id", id->text());
    json.end_object();
  });
  json.end_array();
}

void write_span_times(JsonWriter& json, OtlpSpan& span) {
  json.key("start_time");
  json.raw(seconds_text(span.start));
  if (span.attributes.take_flag("aws.xray.inprogress") || span.end == 0) {
    json.key("in_progress");
    return json.boolean(true);
  }
  json.key("end_time");
  json.raw(seconds_text(std::max(span.start, span.end)));
}

void write_span_head(JsonWriter& json, OtlpSpan& span, OtlpAttributeList& resource) {
  const std::string name = span_service(span, resource);
  put_otlp_text(json, "name", name);
  put_otlp_text(json, "id", span.id.text());
  put_otlp_text(json, "trace_id", span.trace_id.text());
  if (!span.parent.is_noop()) put_otlp_text(json, "parent_id", span.parent.text());
  write_span_times(json, span);
  const std::string_view space = span_space(span);
  if (!span.is_segment()) {
    put_otlp_text(json, "type", "subsegment");
    if (!space.empty()) put_otlp_text(json, "namespace", space);
  }
  // What the name and the namespace say need not be said again.
  for (const std::string_view key : {"aws.service", "peer.service"}) {
    if (span.attributes.look(key) == name) span.attributes.take(key);
  }
  if (resource.look("service.name") == name) resource.take("service.name");
}

}  // namespace

void write_span_document(OtlpSpan& span, OtlpAttributeList& resource,
                         std::deque<std::string>& decoded, std::string& out) {
  out.clear();
  JsonWriter json(out);
  json.begin_object();
  write_span_head(json, span, resource);
  const std::string_view user = span.attributes.take_text("enduser.id", "user.id");
  if (!user.empty()) put_otlp_text(json, "user", user);
  write_http_block(json, span, decoded);
  write_cause_block(json, span, decoded);
  write_sql_block(json, span);
  write_aws_block(json, span, resource);
  if (span.is_segment()) write_service_members(json, resource);
  write_otlp_annotations(json, span.attributes, decoded);
  {
    OtlpMetadata metadata(json, decoded);
    metadata.write_spaces(span.attributes);
    metadata.write_rest(span.attributes, span.is_segment() ? &resource : nullptr);
  }
  write_span_links(json, span.links, decoded);
  json.end_object();
}

}  // namespace xtrace::collect
