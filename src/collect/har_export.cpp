#include "collect/har_export.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <xtrace/http.h>

#include "collect/build_version.h"
#include "collect/export_time.h"
#include "collect/har_timings.h"

namespace xtrace::collect {

namespace {

struct HarEntry {
  const ExportTrace* trace = nullptr;
  std::uint32_t node = 0;
  HarTimings timings{};
  HarServer server{};
};

const TraceNode& har_node(const HarEntry& entry) {
  return entry.trace->tree.nodes[entry.node];
}

std::vector<std::uint32_t> har_parents(const TraceTree& tree) {
  std::vector<std::uint32_t> parents;
  parents.reserve(tree.nodes.size());
  for (const TraceNode& node : tree.nodes) {
    parents.push_back(node.parent == TraceNode::kNone ? ChildList::kNone : node.parent);
  }
  return parents;
}

/// Whether the requests that it stands for are below it: attempts, or those of a segment that is a
/// client's.
bool has_har_below(const TraceTree& tree, ChildList& children, std::uint32_t index) {
  return std::ranges::any_of(children.of(index), [&](std::uint32_t child) {
    const TraceNode& node = tree.nodes[child];
    return !node.is_segment && !node.http.url.empty() &&
           (!tree.nodes[index].is_segment || node.http.url == tree.nodes[index].http.url);
  });
}

bool is_har_entry(const TraceTree& tree, ChildList& children, std::uint32_t index) {
  const TraceNode& node = tree.nodes[index];
  if (node.http.url.empty()) return false;
  if (node.is_segment && node.parent != TraceNode::kNone) return false;
  return !has_har_below(tree, children, index);
}

std::vector<HarEntry> find_har_entries(std::span<const ExportTrace> traces) {
  std::vector<HarEntry> entries;
  for (const ExportTrace& trace : traces) {
    ChildList children(har_parents(trace.tree));
    for (std::uint32_t index = 0; index < trace.tree.nodes.size(); ++index) {
      if (!is_har_entry(trace.tree, children, index)) continue;
      entries.push_back({&trace, index, har_timings(trace.tree, children, index),
                         har_server(trace.tree, children, index)});
    }
  }
  std::ranges::stable_sort(entries, {},
                           [](const HarEntry& entry) { return har_node(entry).start; });
  return entries;
}

void har_text(JsonWriter& json, std::string_view key, std::string_view value) {
  json.key(key);
  json.string(value);
}

void har_empty_lists(JsonWriter& json) {
  for (const std::string_view key : {"cookies", "headers"}) {
    json.key(key);
    json.begin_array();
    json.end_array();
  }
  json.key("headersSize");
  json.integer(-1);
}

void har_query(JsonWriter& json, std::string_view url) {
  json.key("queryString");
  json.begin_array();
  const std::size_t mark = url.find('?');
  std::string_view rest = mark == std::string_view::npos ? "" : url.substr(mark + 1);
  rest = rest.substr(0, rest.find('#'));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    json.begin_object();
    har_text(json, "name", pair.substr(0, equals));
    har_text(json, "value", pair.substr(std::min(equals + 1, pair.size())));
    json.end_object();
  }
  json.end_array();
}

void har_request(JsonWriter& json, const NodeHttp& http) {
  json.key("request");
  json.begin_object();
  har_text(json, "method", http.method);
  har_text(json, "url", http.url);
  har_text(json, "httpVersion", "");
  har_empty_lists(json);
  har_query(json, http.url);
  json.key("bodySize");
  json.integer(-1);
  json.end_object();
}

void har_response(JsonWriter& json, const NodeHttp& http) {
  json.key("response");
  json.begin_object();
  json.key("status");
  json.integer(http.status);
  har_text(json, "statusText", "");
  har_text(json, "httpVersion", "");
  har_empty_lists(json);
  json.key("content");
  json.begin_object();
  json.key("size");
  json.integer(http.content_length.value_or(-1));
  har_text(json, "mimeType", "");
  json.end_object();
  har_text(json, "redirectURL", "");
  json.key("bodySize");
  json.integer(http.content_length.value_or(-1));
  json.end_object();
}

/// To a microsecond.
void har_duration(JsonWriter& json, std::string_view key, double milliseconds) {
  json.key(key);
  if (milliseconds < 0) return json.integer(-1);
  json.milliseconds(std::chrono::microseconds(std::llround(milliseconds * 1000)));
}

void har_write_timings(JsonWriter& json, const HarTimings& timings) {
  json.key("timings");
  json.begin_object();
  har_duration(json, "blocked", timings.blocked);
  har_duration(json, "dns", timings.dns);
  har_duration(json, "connect", timings.connect);
  har_duration(json, "ssl", timings.ssl);
  har_duration(json, "send", timings.send);
  har_duration(json, "wait", timings.wait);
  har_duration(json, "receive", timings.receive);
  json.end_object();
}

void har_entry(JsonWriter& json, const HarEntry& entry) {
  const TraceNode& node = har_node(entry);
  json.begin_object();
  har_text(json, "startedDateTime", utc_text(node.start));
  har_duration(json, "time", entry.timings.total);
  har_request(json, node.http);
  har_response(json, node.http);
  json.key("cache");
  json.begin_object();
  json.end_object();
  har_write_timings(json, entry.timings);
  if (!entry.server.address.empty()) {
    har_text(json, "serverIPAddress", entry.server.address);
    har_text(json, "connection", entry.server.connection);
  }
  if (!node.exceptions.empty()) har_text(json, "_error", node.exceptions.front().message);
  har_text(json, "_traceId", entry.trace->id.text());
  har_text(json, "_segmentId", node.id.text());
  har_text(json, "_service", entry.trace->tree.nodes[node.segment].name);
  json.end_object();
}

}  // namespace

void write_har(JsonWriter& json, std::span<const ExportTrace> traces) {
  json.begin_object();
  json.key("log");
  json.begin_object();
  har_text(json, "version", "1.2");
  json.key("creator");
  json.begin_object();
  har_text(json, "name", "xtrace");
  har_text(json, "version", kBuildVersion);
  json.end_object();
  json.key("pages");
  json.begin_array();
  json.end_array();
  json.key("entries");
  json.begin_array();
  for (const HarEntry& entry : find_har_entries(traces)) har_entry(json, entry);
  json.end_array();
  json.end_object();
  json.end_object();
}

}  // namespace xtrace::collect
