#include "xray/node_writer.h"

#include <string>
#include <variant>

#include "base/utf8.h"

namespace xtrace {

namespace {

void write_text(JsonWriter& json, std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return json.string(text);
  std::string mark = "... [";
  mark += std::to_string(text.size());
  mark += " bytes, cut]";
  std::string cut{utf8_prefix(text, limit - mark.size())};
  cut += mark;
  json.string(cut);
}

void write_text_field(JsonWriter& json, std::string_view key, std::string_view text,
                      std::size_t limit) {
  if (text.empty()) return;
  json.key(key);
  write_text(json, text, limit);
}

void write_flag(JsonWriter& json, std::string_view key, bool is_set) {
  if (!is_set) return;
  json.key(key);
  json.boolean(true);
}

struct ScalarWriter {
  JsonWriter& json;
  std::size_t limit;

  void operator()(bool value) const { json.boolean(value); }
  void operator()(std::int64_t value) const { json.integer(value); }
  void operator()(std::uint64_t value) const { json.unsigned_integer(value); }
  void operator()(double value) const { json.number(value); }
  void operator()(const std::string& value) const { write_text(json, value, limit); }
};

void write_http(JsonWriter& json, const HttpRecord& http, std::size_t limit) {
  json.key("http");
  json.begin_object();
  if (!http.method.empty() || !http.url.empty()) {
    json.key("request");
    json.begin_object();
    write_text_field(json, "method", http.method, kNoTextLimit);
    write_text_field(json, "url", http.url, limit);
    write_text_field(json, "user_agent", http.user_agent, kNoTextLimit);
    write_text_field(json, "client_ip", http.client_ip, kNoTextLimit);
    write_flag(json, "x_forwarded_for", http.is_forwarded);
    write_flag(json, "traced", http.is_traced);
    json.end_object();
  }
  if (http.status || http.content_length) {
    json.key("response");
    json.begin_object();
    if (http.status) {
      json.key("status");
      json.integer(*http.status);
    }
    if (http.content_length) {
      json.key("content_length");
      json.unsigned_integer(*http.content_length);
    }
    json.end_object();
  }
  json.end_object();
}

void write_annotations(JsonWriter& json, const std::vector<Annotation>& annotations) {
  json.key("annotations");
  json.begin_object();
  for (const Annotation& annotation : annotations) {
    json.key(annotation.key);
    std::visit(ScalarWriter{json, kNoTextLimit}, annotation.value.data());
  }
  json.end_object();
}

void write_metadata_value(JsonWriter& json, const MetadataEntry& entry, std::size_t limit) {
  const auto* text = std::get_if<std::string>(&entry.value.data());
  if (!entry.is_json || text == nullptr) {
    std::visit(ScalarWriter{json, limit}, entry.value.data());
  } else if (text->size() <= limit) {
    json.raw(*text);
  } else {
    write_text(json, *text, limit);  // JSON cut short is JSON no more, but still a text to look at
  }
}

void write_metadata(JsonWriter& json, const std::vector<MetadataSpace>& spaces, std::size_t limit) {
  json.key("metadata");
  json.begin_object();
  for (const MetadataSpace& space : spaces) {
    json.key(space.name);
    json.begin_object();
    for (const MetadataEntry& entry : space.entries) {
      json.key(entry.key);
      write_metadata_value(json, entry, limit);
    }
    json.end_object();
  }
  json.end_object();
}

void write_cause(JsonWriter& json, const std::vector<ExceptionRecord>& exceptions,
                 std::size_t limit) {
  json.key("cause");
  json.begin_object();
  json.key("exceptions");
  json.begin_array();
  for (const ExceptionRecord& exception : exceptions) {
    json.begin_object();
    json.key("id");
    json.string(exception.id.text());
    write_text_field(json, "type", exception.type, kNoTextLimit);
    write_text_field(json, "message", exception.message, limit);
    write_flag(json, "remote", exception.origin == ExceptionOrigin::remote);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_id_fields(JsonWriter& json, const SegmentTree& tree, const SegmentNode& node,
                     NodeForm form) {
  json.key("name");
  json.string(node.name);
  json.key("id");
  json.string(node.id.text());
  if (form == NodeForm::embedded) return;
  json.key("trace_id");
  json.string(tree.trace_id.text());
  if (node.parent != nullptr) {
    json.key("type");
    json.string("subsegment");
    json.key("parent_id");
    json.string(node.parent->id.text());
  } else if (tree.parent_id) {
    json.key("parent_id");
    json.string(tree.parent_id->text());
  }
}

void write_times(JsonWriter& json, const SegmentNode& node) {
  json.key("start_time");
  json.time(node.start);
  if (node.end) {
    json.key("end_time");
    json.time(*node.end);
  } else {
    write_flag(json, "in_progress", true);
  }
}

/// What only the root says: about the service and about us.
void write_service(JsonWriter& json, const SegmentTree& tree) {
  write_text_field(json, "user", tree.user, kNoTextLimit);
  write_text_field(json, "origin", tree.origin, kNoTextLimit);
  if (!tree.service_version.empty()) {
    json.key("service");
    json.begin_object();
    write_text_field(json, "version", tree.service_version, kNoTextLimit);
    json.end_object();
  }
  json.key("aws");
  json.begin_object();
  json.key("xray");
  json.begin_object();
  write_text_field(json, "sdk", "X-Ray for C++", kNoTextLimit);
  write_text_field(json, "sdk_version", XTRACE_VERSION, kNoTextLimit);
  json.end_object();
  json.end_object();
}

}  // namespace

void write_node_fields(JsonWriter& json, const SegmentTree& tree, const SegmentNode& node,
                       NodeForm form, std::size_t text_limit) {
  write_id_fields(json, tree, node, form);
  write_times(json, node);
  if (node.space == Namespace::remote) write_text_field(json, "namespace", "remote", kNoTextLimit);
  if (node.space == Namespace::aws) write_text_field(json, "namespace", "aws", kNoTextLimit);
  write_flag(json, "error", node.flags.error);
  write_flag(json, "throttle", node.flags.throttle);
  write_flag(json, "fault", node.flags.fault);
  if (node.http) write_http(json, *node.http, text_limit);
  if (!node.annotations.empty()) write_annotations(json, node.annotations);
  if (!node.metadata.empty()) write_metadata(json, node.metadata, text_limit);
  if (!node.exceptions.empty()) write_cause(json, node.exceptions, text_limit);
  if (node.parent == nullptr) write_service(json, tree);
}

}  // namespace xtrace
