#include "xray/node_writer.h"

#include <limits>
#include <string>
#include <variant>

#include "base/utf8.h"
#include "xray/tracer_state.h"

namespace xtrace {

namespace {

constexpr std::size_t kShortStack = 4;

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
                      std::size_t limit = kNoTextLimit) {
  if (text.empty()) return;
  json.key(key);
  write_text(json, text, limit);
}

void write_flag(JsonWriter& json, std::string_view key, bool is_set) {
  if (!is_set) return;
  json.key(key);
  json.boolean(true);
}

struct ValueWriter {
  JsonWriter& json;
  std::size_t limit;

  void operator()(bool value) const { json.boolean(value); }
  void operator()(std::int64_t value) const { json.integer(value); }
  void operator()(std::uint64_t value) const { json.unsigned_integer(value); }
  void operator()(double value) const { json.number(value); }
  void operator()(const Text& value) const { write_text(json, value.view(), limit); }
};

void write_entries(JsonWriter& json, const List<Entry>& entries, std::size_t limit) {
  for (const Entry& entry : entries) {
    json.key(entry.key.view());
    const auto* text = std::get_if<Text>(&entry.value);
    // JSON cut short is JSON no more, but still a text to look at.
    if (entry.is_json && text != nullptr && text->size <= limit) {
      json.raw(text->view());
    } else {
      std::visit(ValueWriter{json, limit}, entry.value);
    }
  }
}

void write_object(JsonWriter& json, std::string_view key, const List<Entry>& entries,
                  std::size_t limit) {
  if (entries.is_empty()) return;
  json.key(key);
  json.begin_object();
  write_entries(json, entries, limit);
  json.end_object();
}

void write_request(JsonWriter& json, const HttpRecord& http, std::size_t limit) {
  const bool has_texts = !http.method.is_empty() || !http.url.is_empty() ||
                         !http.user_agent.is_empty() || !http.client_ip.is_empty();
  if (!has_texts && !http.is_forwarded && !http.is_traced) return;
  json.key("request");
  json.begin_object();
  write_text_field(json, "method", http.method.view());
  write_text_field(json, "url", http.url.view(), limit);
  write_text_field(json, "user_agent", http.user_agent.view());
  write_text_field(json, "client_ip", http.client_ip.view());
  write_flag(json, "x_forwarded_for", http.is_forwarded);
  write_flag(json, "traced", http.is_traced);
  json.end_object();
}

void write_http(JsonWriter& json, const HttpRecord& http, std::size_t limit) {
  json.key("http");
  json.begin_object();
  write_request(json, http, limit);
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

void write_metadata(JsonWriter& json, const List<MetadataSpace>& spaces, std::size_t limit) {
  if (spaces.is_empty()) return;
  json.key("metadata");
  json.begin_object();
  for (const MetadataSpace& space : spaces) {
    write_object(json, space.name.view(), space.entries, limit);
  }
  json.end_object();
}

/// Where texts have to be cut, stacks are cut to their innermost frames.
void write_stack(JsonWriter& json, const ExceptionRecord& exception, std::size_t limit) {
  if (exception.stack.is_empty()) return;
  std::size_t room = limit == kNoTextLimit ? std::numeric_limits<std::size_t>::max() : kShortStack;
  std::size_t truncated = exception.cut_frames;
  json.key("stack");
  json.begin_array();
  for (const FrameRecord& frame : exception.stack) {
    if (room == 0) {
      ++truncated;
      continue;
    }
    --room;
    json.begin_object();
    write_text_field(json, "path", frame.path.view());
    if (frame.line > 0) {
      json.key("line");
      json.unsigned_integer(frame.line);
    }
    write_text_field(json, "label", frame.label.view());
    json.end_object();
  }
  json.end_array();
  if (truncated == 0) return;
  json.key("truncated");
  json.unsigned_integer(truncated);
}

/// `skipped`: how many exceptions of the node were not kept; the last one tells.
void write_exception(JsonWriter& json, const ExceptionRecord& exception, std::size_t skipped,
                     std::size_t limit) {
  json.begin_object();
  json.key("id");
  json.string(exception.id.text());
  write_text_field(json, "type", exception.type.view());
  write_text_field(json, "message", exception.message.view(), limit);
  write_flag(json, "remote", exception.origin == ExceptionOrigin::remote);
  if (exception.has_cause && exception.next != nullptr) {
    json.key("cause");
    json.string(exception.next->id.text());
  }
  write_stack(json, exception, limit);
  if (exception.next == nullptr && skipped > 0) {
    json.key("skipped");
    json.unsigned_integer(skipped);
  }
  json.end_object();
}

void write_cause(JsonWriter& json, const SegmentNode& node, std::size_t limit) {
  if (node.exceptions.is_empty()) {
    if (node.cause_elsewhere) write_text_field(json, "cause", node.cause_elsewhere->text());
    return;
  }
  json.key("cause");
  json.begin_object();
  json.key("exceptions");
  json.begin_array();
  for (const ExceptionRecord& exception : node.exceptions) {
    write_exception(json, exception, node.cut_exceptions, limit);
  }
  json.end_array();
  json.end_object();
}

void write_id_fields(JsonWriter& json, const SegmentTree& tree, const SegmentNode& node,
                     NodeForm form) {
  json.key("name");
  json.string(node.name.view());
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

void write_relations(JsonWriter& json, const SegmentNode& node) {
  if (!node.precursors.is_empty()) {
    json.key("precursor_ids");
    json.begin_array();
    for (const IdRecord& precursor : node.precursors) json.string(precursor.id.text());
    json.end_array();
  }
  if (node.links.is_empty()) return;
  json.key("links");
  json.begin_array();
  for (const LinkRecord& record : node.links) {
    json.begin_object();
    json.key("trace_id");
    json.string(record.link.trace_id.text());
    json.key("id");
    json.string(record.link.id.text());
    json.end_object();
  }
  json.end_array();
}

/// The segment's own value, or that of its tracer.
std::string_view own_or(const Text& own, std::string_view common) {
  return own.is_empty() ? common : own.view();
}

bool has_entry(const List<Entry>& entries, std::string_view key) {
  for (const Entry& entry : entries) {
    if (entry.key.view() == key) return true;
  }
  return false;
}

/// What only the root says: about the service and about us.
void write_service(JsonWriter& json, const SegmentTree& tree, const SegmentNode& node,
                   std::size_t limit) {
  const TracerConfig* config = tree.home ? &tree.home->config : nullptr;
  write_text_field(json, "user", tree.user.view());
  write_text_field(
      json, "origin",
      own_or(tree.origin, config == nullptr ? std::string_view{} : config->environment.origin));
  const std::string_view version = own_or(
      tree.service_version, config == nullptr ? std::string_view{} : config->service_version);
  if (!version.empty()) {
    json.key("service");
    json.begin_object();
    write_text_field(json, "version", version);
    json.end_object();
  }
  json.key("aws");
  json.begin_object();
  write_entries(json, node.aws, limit);
  if (config != nullptr) {
    for (const AwsBlock& block : config->environment.aws) {
      if (has_entry(node.aws, block.key)) continue;
      json.key(block.key);
      json.raw(block.json);
    }
  }
  json.key("xray");
  json.begin_object();
  write_text_field(json, "sdk", "X-Ray for C++");
  write_text_field(json, "sdk_version", XTRACE_VERSION);
  write_text_field(json, "sampling_rule_name", tree.decision.rule.text());
  json.end_object();
  json.end_object();
}

}  // namespace

void write_node_fields(JsonWriter& json, const SegmentTree& tree, const SegmentNode& node,
                       NodeForm form, std::size_t text_limit) {
  write_id_fields(json, tree, node, form);
  write_times(json, node);
  if (node.space == Namespace::remote) write_text_field(json, "namespace", "remote");
  if (node.space == Namespace::aws) write_text_field(json, "namespace", "aws");
  write_flag(json, "error", node.flags.error);
  write_flag(json, "throttle", node.flags.throttle);
  write_flag(json, "fault", node.flags.fault);
  write_relations(json, node);
  if (node.http != nullptr) write_http(json, *node.http, text_limit);
  write_object(json, "sql", node.sql, text_limit);
  if (node.parent != nullptr) write_object(json, "aws", node.aws, text_limit);
  write_object(json, "annotations", node.annotations, kNoTextLimit);
  write_metadata(json, node.metadata, text_limit);
  write_cause(json, node, text_limit);
  if (node.parent == nullptr) write_service(json, tree, node, text_limit);
}

}  // namespace xtrace
