#include "collect/trace_json.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"
#include "collect/document_facts.h"
#include "xray/json_cursor.h"

namespace xtrace::collect {

namespace {

// Of one text of a row. A list has ten thousand rows, and a text may be sixteen megabytes.
constexpr std::size_t kMostRowText = 1024;

std::string_view row_text(std::string_view text) {
  return utf8_prefix(text, kMostRowText);
}

void write_flags(JsonWriter& json, const Flags& flags) {
  json.key("error");
  json.boolean(flags.error);
  json.key("throttle");
  json.boolean(flags.throttle);
  json.key("fault");
  json.boolean(flags.fault);
}

void write_status(JsonWriter& json, int status) {
  json.key("status");
  status == 0 ? json.null() : json.integer(status);
}

void write_services(JsonWriter& json, const TraceDigest& digest) {
  json.begin_array();
  for (std::size_t i = 0; i < std::min(digest.services.size(), kMostServicesInRow); ++i) {
    const auto end = digest.services.begin() + static_cast<std::ptrdiff_t>(i);
    const std::string& name = end->name;
    const auto has_name = [&name](const DigestService& service) { return service.name == name; };
    if (std::none_of(digest.services.begin(), end, has_name)) json.string(row_text(name));
  }
  json.end_array();
}

void write_counts(JsonWriter& json, const TraceDigest& digest) {
  json.key("segments");
  json.unsigned_integer(digest.segments);
  json.key("subsegments");
  json.unsigned_integer(digest.subsegments);
  json.key("waiting");
  json.unsigned_integer(digest.waiting);
  json.key("refused");
  json.unsigned_integer(digest.refused);
  json.key("duplicates");
  json.unsigned_integer(digest.duplicates);
}

void write_http(JsonWriter& json, const NodeHttp& http) {
  const bool is_absent = http.method.empty() && http.url.empty() && http.user_agent.empty() &&
                         http.client_ip.empty() && http.status == 0 && !http.content_length &&
                         !http.is_forwarded && !http.is_traced;
  if (is_absent) return json.null();
  json.begin_object();
  json.key("method");
  write_text(json, http.method);
  json.key("url");
  write_text(json, http.url);
  json.key("user_agent");
  write_text(json, http.user_agent);
  json.key("client_ip");
  write_text(json, http.client_ip);
  json.key("forwarded");
  json.boolean(http.is_forwarded);
  json.key("traced");
  json.boolean(http.is_traced);
  write_status(json, http.status);
  json.key("content_length");
  http.content_length ? json.integer(*http.content_length) : json.null();
  json.end_object();
}

void write_stack(JsonWriter& json, const std::vector<NodeFrame>& stack) {
  json.begin_array();
  for (const NodeFrame& frame : stack) {
    json.begin_object();
    json.key("path");
    write_text(json, frame.path);
    json.key("label");
    write_text(json, frame.label);
    json.key("line");
    json.integer(frame.line);
    json.end_object();
  }
  json.end_array();
}

void write_exceptions(JsonWriter& json, const TraceNode& node) {
  json.begin_array();
  for (const NodeException& exception : node.exceptions) {
    json.begin_object();
    json.key("id");
    write_text(json, exception.id);
    json.key("type");
    write_text(json, exception.type);
    json.key("message");
    write_text(json, exception.message);
    json.key("cause");
    write_text(json, exception.cause);
    json.key("remote");
    json.boolean(exception.is_remote);
    json.key("truncated");
    json.integer(exception.truncated);
    json.key("stack");
    write_stack(json, exception.stack);
    json.end_object();
  }
  json.end_array();
}

void write_place(JsonWriter& json, const TraceNode& node) {
  json.key("parent");
  node.parent == TraceNode::kNone ? json.integer(-1) : json.unsigned_integer(node.parent);
  json.key("depth");
  json.unsigned_integer(node.depth);
  json.key("document");
  json.unsigned_integer(node.document);
  json.key("segment");
  json.unsigned_integer(node.segment);
  json.key("is_segment");
  json.boolean(node.is_segment);
  json.key("in_progress");
  json.boolean(node.is_in_progress);
  json.key("waiting");
  json.boolean(node.is_waiting);
  json.key("inferred");
  json.boolean(node.is_inferred);
}

void write_names(JsonWriter& json, const TraceNode& node) {
  json.key("id");
  json.string(node.id.text());
  json.key("parent_id");
  write_text(json, node.parent_id.is_noop() ? std::string_view{} : node.parent_id.text());
  json.key("name");
  json.string(node.name);
  json.key("namespace");
  write_text(json, node.space);
  json.key("origin");
  write_text(json, node.origin);
  json.key("user");
  write_text(json, node.user);
  json.key("resource_arn");
  write_text(json, node.resource_arn);
}

void write_blocks(JsonWriter& json, const TraceNode& node) {
  json.key("annotations");
  write_block(json, node.annotations);
  json.key("metadata");
  write_block(json, node.metadata);
  json.key("aws");
  write_block(json, node.aws);
  json.key("sql");
  write_block(json, node.sql);
  json.key("service");
  write_block(json, node.service);
  json.key("links");
  write_block(json, node.links);
}

void write_analysis(JsonWriter& json, const TraceNode& node) {
  json.key("self");
  json.seconds(node.self);
  json.key("critical");
  json.begin_array();
  for (const TimeRange& range : node.critical) {
    json.begin_array();
    json.seconds(range.from);
    json.seconds(range.to);
    json.end_array();
  }
  json.end_array();
  json.key("skew");
  json.seconds(node.skew);
}

void write_node(JsonWriter& json, const TraceNode& node) {
  json.begin_object();
  write_place(json, node);
  write_names(json, node);
  json.key("start");
  json.seconds(node.start);
  json.key("end");
  node.end ? json.seconds(*node.end) : json.null();
  write_flags(json, node.flags);
  json.key("http");
  write_http(json, node.http);
  json.key("exceptions");
  write_exceptions(json, node);
  json.key("cause_id");
  write_text(json, node.cause_id);
  write_blocks(json, node);
  write_analysis(json, node);
  json.end_object();
}

void write_stored_document(JsonWriter& json, const StoredDocument& document) {
  json.begin_object();
  json.key("id");
  json.string(document.id().text());
  json.key("text");
  json.string(document.text());
  json.key("received");
  json.time(document.received());
  json.key("door");
  json.string(name_of(document.door));
  json.key("refusal");
  write_text(json, document.refusal ? fault_of(document.text()) : std::string{});
  json.end_object();
}

}  // namespace

std::string_view name_of(Door door) {
  switch (door) {
    case Door::udp:
      return "udp";
    case Door::tcp:
      return "tcp";
    case Door::file:
      return "file";
  }
  return {};
}

void write_text(JsonWriter& json, std::string_view text) {
  text.empty() ? json.null() : json.string(text);
}

void write_row(JsonWriter& json, const StoredTrace& trace, const TraceDigest& digest) {
  json.begin_object();
  json.key("id");
  json.string(trace.id().text());
  json.key("name");
  const bool has_entry = digest.entry < digest.services.size();
  json.string(has_entry ? row_text(digest.services[digest.entry].name) : "");
  json.key("method");
  write_text(json, row_text(digest.method));
  json.key("url");
  write_text(json, row_text(digest.url));
  write_status(json, digest.status);
  json.key("start");
  json.seconds(digest.start);
  json.key("duration");
  json.seconds(digest.duration);
  json.key("response_time");
  json.seconds(digest.response_time);
  write_flags(json, digest.flags);
  json.key("in_progress");
  json.boolean(digest.is_in_progress);
  json.key("complete");
  json.boolean(digest.is_complete);
  json.key("services");
  write_services(json, digest);
  write_counts(json, digest);
  json.key("received");
  json.time(trace.last_received());
  json.key("revision");
  json.unsigned_integer(trace.revision());
  json.end_object();
}

void write_trace(JsonWriter& json, const StoredTrace& trace, const TraceDigest& digest,
                 const TraceTree& tree) {
  json.begin_object();
  json.key("row");
  write_row(json, trace, digest);
  json.key("start");
  json.seconds(tree.start);
  json.key("end");
  json.seconds(tree.end);
  json.key("left_out");
  json.unsigned_integer(tree.left_out);
  json.key("nodes");
  json.begin_array();
  for (const TraceNode& node : tree.nodes) write_node(json, node);
  json.end_array();
  json.key("documents");
  json.begin_array();
  for (const StoredDocument& document : trace.documents()) write_stored_document(json, document);
  json.end_array();
  json.end_object();
}

void write_block(JsonWriter& json, std::string_view block) {
  if (block.empty()) return json.null();
  const bool may_hold_any = block.find("NaN") != std::string_view::npos ||
                            block.find("Infinity") != std::string_view::npos;
  if (!may_hold_any) return json.raw(block);
  std::vector<TextSpan> spans;
  JsonCursor cursor(block);
  cursor.collect_non_numbers(&spans);
  if (!cursor.skip_value()) return json.null();
  std::string mended;
  std::size_t kept = 0;
  for (const TextSpan& span : spans) {
    mended.append(block, kept, span.begin - kept).append("null");
    kept = span.end;
  }
  json.raw(mended.append(block, kept));
}

std::string without_markup(std::string json) {
  const auto count = std::ranges::count(json, '<');
  if (count == 0) return json;
  std::string safe;
  safe.reserve(json.size() + 5 * static_cast<std::size_t>(count));
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t end = std::min(json.find('<', at), json.size());
    safe.append(json, at, end - at);
    if (end < json.size()) safe += "\\u003c";
    at = end + 1;
  }
  return safe;
}

}  // namespace xtrace::collect
