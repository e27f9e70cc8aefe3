#include "collect/otlp_export.h"

#include <map>
#include <string>
#include <vector>

#include "collect/otlp_attributes.h"
#include "collect/otlp_resource.h"
#include "collect/trace_json.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

/// 32 digits, as W3C has them.
std::string otlp_trace_id(const TraceId& id) {
  constexpr std::size_t kTime = 2;
  constexpr std::size_t kTimeDigits = 8;
  const std::string_view text = id.text();
  return std::string(text.substr(kTime, kTimeDigits)).append(text.substr(kTime + kTimeDigits + 1));
}

OtlpKind otlp_kind_of(const TraceNode& node) {
  if (node.is_segment) return OtlpKind::server;
  if (node.is_call()) return OtlpKind::client;
  return node.http.client_ip.empty() ? OtlpKind::internal : OtlpKind::server;
}

bool has_span_failed(const TraceNode& node) {
  return node.flags != Flags{} || !node.exceptions.empty() || !node.cause_id.empty();
}

/// As a Java program would print it, which is what OpenTelemetry's translators write and read.
std::string otlp_stack(const NodeException& exception) {
  std::string text = std::string(exception.type).append(": ").append(exception.message);
  text += '\n';
  for (const NodeFrame& frame : exception.stack) {
    text.append("\tat ").append(frame.label).append("(").append(frame.path).append(": ");
    text.append(std::to_string(frame.line)).append(")\n");
  }
  return text;
}

/// Writes the spans of one trace.
class OtlpSpanWriter {
 public:
  OtlpSpanWriter(JsonWriter& json, const ExportTrace& trace)
      : json_(json), tree_(trace.tree), trace_id_(otlp_trace_id(trace.id)) {}

  void write(const TraceNode& node);

 private:
  void write_ids(const TraceNode& node);
  void write_attributes(const TraceNode& node);
  void add_http(OtlpAttributes& attributes, const NodeHttp& http);
  void add_aws(OtlpAttributes& attributes, const TraceNode& node);
  void add_sql(OtlpAttributes& attributes, const TraceNode& node);
  void add_annotations(OtlpAttributes& attributes, const TraceNode& node);
  void add_metadata(OtlpAttributes& attributes, const TraceNode& node);
  void add_flags(OtlpAttributes& attributes, const TraceNode& node);
  void write_events(const TraceNode& node);
  void write_links(const TraceNode& node);
  void write_link(ValueReader& reader);
  void write_status(const TraceNode& node);

  JsonWriter& json_;
  const TraceTree& tree_;
  const std::string trace_id_;
  std::deque<std::string> decoded_;
};

void OtlpSpanWriter::write(const TraceNode& node) {
  json_.begin_object();
  write_ids(node);
  json_.key("name");
  json_.string(node.name);
  json_.key("kind");
  json_.integer(static_cast<int>(otlp_kind_of(node)));
  json_.key("startTimeUnixNano");
  json_.string(otlp_nanos(node.start));
  json_.key("endTimeUnixNano");
  json_.string(otlp_nanos(node.end.value_or(node.start)));
  write_attributes(node);
  write_events(node);
  write_links(node);
  write_status(node);
  json_.end_object();
}

void OtlpSpanWriter::write_ids(const TraceNode& node) {
  json_.key("traceId");
  json_.string(trace_id_);
  json_.key("spanId");
  json_.string(node.id.text());
  const bool has_parent = node.parent != TraceNode::kNone;
  const SegmentId& parent = has_parent ? tree_.nodes[node.parent].id : node.parent_id;
  if (parent.is_noop()) return;
  json_.key("parentSpanId");
  json_.string(parent.text());
}

void OtlpSpanWriter::write_attributes(const TraceNode& node) {
  OtlpAttributes attributes(json_);
  attributes.flag("aws.xray.inprogress", node.is_in_progress);
  attributes.text("enduser.id", node.user);
  if (node.space == "aws") attributes.text("aws.service", node.name);
  if (node.space == "remote") attributes.text("peer.service", node.name);
  if (node.space == "local") attributes.text("aws.xray.namespace", node.space);
  add_http(attributes, node.http);
  add_aws(attributes, node);
  add_sql(attributes, node);
  add_flags(attributes, node);
  add_annotations(attributes, node);
  add_metadata(attributes, node);
}

void OtlpSpanWriter::add_http(OtlpAttributes& attributes, const NodeHttp& http) {
  attributes.text("http.method", http.method);
  attributes.text("http.url", http.url);
  attributes.text("http.user_agent", http.user_agent);
  attributes.text("http.client_ip", http.client_ip);
  attributes.flag("aws.xray.x_forwarded_for", http.is_forwarded);
  attributes.flag("aws.xray.traced", http.is_traced);
  if (http.status != 0) attributes.integer("http.status_code", http.status);
  if (http.content_length) {
    attributes.integer("http.response_content_length", *http.content_length);
  }
}

void OtlpSpanWriter::add_aws(OtlpAttributes& attributes, const TraceNode& node) {
  if (node.aws.empty()) return;
  attributes.members(node.aws, kOtlpAws, decoded_);
  ValueReader reader(node.aws, decoded_);
  reader.object([&](std::string_view key) {
    if (key != "retries") return reader.skip();
    if (const auto retries = reader.count()) attributes.integer("aws.xray.retries", *retries);
  });
}

/// `protocol://host:port/name?options` is a connection and the name of a database.
void OtlpSpanWriter::add_sql(OtlpAttributes& attributes, const TraceNode& node) {
  if (node.sql.empty()) return;
  attributes.members(node.sql, kOtlpSql, decoded_);
  std::string_view connection;
  std::string_view url;
  ValueReader reader(node.sql, decoded_);
  reader.object([&](std::string_view key) {
    if (key == "url") {
      url = reader.text();
    } else if (key == "connection_string") {
      connection = reader.text();
    } else {
      reader.skip();
    }
  });
  const std::size_t host = url.find("//");
  const std::size_t slash = host == std::string_view::npos ? host : url.find('/', host + 2);
  if (slash == std::string_view::npos || slash + 1 == url.size()) {
    return attributes.text("db.connection_string", url.empty() ? connection : url);
  }
  attributes.text("db.connection_string", url.substr(0, slash));
  attributes.text("db.name", url.substr(slash + 1, url.find('?', slash) - slash - 1));
}

void OtlpSpanWriter::add_annotations(OtlpAttributes& attributes, const TraceNode& node) {
  if (node.annotations.empty()) return;
  std::vector<std::string_view> keys;
  ValueReader reader(node.annotations, decoded_);
  reader.object([&](std::string_view key) {
    // A key that had escapes lives as long as the call.
    const std::string_view kept = decoded_.emplace_back(key);
    const char first = reader.token();
    if (first == '"') {
      keys.push_back(kept);
      attributes.string(kept, reader.text());
    } else if (first == 't' || first == 'f') {
      keys.push_back(kept);
      attributes.boolean(kept, reader.flag());
    } else if (const std::optional<double> value = reader.number()) {
      keys.push_back(kept);
      attributes.number(kept, *value);
    }
  });
  attributes.texts(kOtlpAnnotations, keys);
}

void OtlpSpanWriter::add_metadata(OtlpAttributes& attributes, const TraceNode& node) {
  if (node.metadata.empty()) return;
  ValueReader reader(node.metadata, decoded_);
  reader.object([&](std::string_view space) {
    const std::string key = std::string(kOtlpMetadataPrefix).append(space);
    std::string value;
    {
      JsonWriter json(value);
      write_block(json, reader.block('{'));
    }
    if (value != "null") attributes.text(key, value);
  });
}

void OtlpSpanWriter::add_flags(OtlpAttributes& attributes, const TraceNode& node) {
  if (node.flags == flags_of_span(node.http.status, has_span_failed(node))) return;
  std::vector<std::string_view> flags;
  if (node.flags.error) flags.emplace_back("error");
  if (node.flags.throttle) flags.emplace_back("throttle");
  if (node.flags.fault) flags.emplace_back("fault");
  if (flags.empty()) flags.emplace_back("none");
  attributes.texts(kOtlpFlags, flags);
}

void OtlpSpanWriter::write_events(const TraceNode& node) {
  if (node.exceptions.empty()) return;
  json_.key("events");
  json_.begin_array();
  for (const NodeException& exception : node.exceptions) {
    json_.begin_object();
    json_.key("timeUnixNano");
    json_.string(otlp_nanos(node.end.value_or(node.start)));
    json_.key("name");
    json_.string("exception");
    {
      OtlpAttributes attributes(json_);
      attributes.text("aws.xray.exception.id", exception.id);
      attributes.text("exception.type", exception.type);
      attributes.text("exception.message", exception.message);
      attributes.flag("aws.xray.exception.remote", exception.is_remote);
      if (exception.truncated > 0) {
        attributes.integer("aws.xray.exception.truncated", exception.truncated);
      }
      attributes.text("aws.xray.exception.cause", exception.cause);
      if (!exception.stack.empty()) {
        attributes.text("exception.stacktrace", otlp_stack(exception));
      }
    }
    json_.end_object();
  }
  json_.end_array();
}

void OtlpSpanWriter::write_links(const TraceNode& node) {
  if (node.links.empty()) return;
  json_.key("links");
  json_.begin_array();
  ValueReader reader(node.links, decoded_);
  reader.array([&] { write_link(reader); });
  json_.end_array();
}

void OtlpSpanWriter::write_link(ValueReader& reader) {
  std::string_view trace;
  std::string_view id;
  reader.object([&](std::string_view key) {
    if (key == "trace_id") {
      trace = reader.text();
    } else if (key == "id") {
      id = reader.text();
    } else {
      reader.skip();
    }
  });
  const auto linked_trace = TraceId::parse(trace);
  const auto linked_id = SegmentId::parse(id);
  if (!linked_trace || !linked_id) return;
  json_.begin_object();
  json_.key("traceId");
  json_.string(otlp_trace_id(*linked_trace));
  json_.key("spanId");
  json_.string(linked_id->text());
  json_.end_object();
}

void OtlpSpanWriter::write_status(const TraceNode& node) {
  json_.key("status");
  json_.begin_object();
  if (has_span_failed(node)) {
    const bool has_exception = !node.exceptions.empty() && !node.exceptions.front().message.empty();
    const std::string_view message =
        has_exception ? node.exceptions.front().message : node.cause_id;
    if (!message.empty()) {
      json_.key("message");
      json_.string(message);
    }
    json_.key("code");
    json_.integer(static_cast<int>(OtlpStatus::error));
  }
  json_.end_object();
}

}  // namespace

void write_otlp(JsonWriter& json, std::span<const ExportTrace> traces) {
  json.begin_object();
  json.key("resourceSpans");
  json.begin_array();
  for (const ExportTrace& trace : traces) write_resource_spans(json, trace);
  json.end_array();
  json.end_object();
}

std::size_t write_resource_spans(JsonWriter& json, const ExportTrace& trace) {
  std::map<std::uint32_t, std::vector<const TraceNode*>> segments;
  for (const TraceNode& node : trace.tree.nodes) {
    if (!node.id.is_noop()) segments[node.segment].push_back(&node);
  }
  OtlpSpanWriter writer(json, trace);
  std::size_t written = 0;
  for (const auto& [index, nodes] : segments) {
    json.begin_object();
    json.key("resource");
    write_otlp_resource(json, trace.tree.nodes[index]);
    json.key("scopeSpans");
    json.begin_array();
    json.begin_object();
    json.key("scope");
    json.begin_object();
    json.key("name");
    json.string("xtrace");
    json.end_object();
    json.key("spans");
    json.begin_array();
    for (const TraceNode* node : nodes) writer.write(*node);
    json.end_array();
    json.end_object();
    json.end_array();
    json.end_object();
    written += nodes.size();
  }
  return written;
}

}  // namespace xtrace::collect
