#include "collect/csv_export.h"

#include <cmath>
#include <cstdint>
#include <initializer_list>

#include "collect/export_time.h"

namespace xtrace::collect {

namespace {

/// RFC 4180: quoted where it has to be. Spreadsheets take what begins with `=`, `+`, `-` or `@` for
/// a formula; names come from whoever sent the documents, so such a text gets an apostrophe.
std::string csv_field(std::string_view text) {
  std::string safe;
  if (text.find_first_of("=+-@\t") == 0) safe += '\'';
  safe += text;
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_time(double seconds) {
  if (seconds <= 0) return {};
  const std::int64_t micros = epoch_microseconds(seconds);
  const std::string fraction = std::to_string(micros % 1'000'000);
  return std::to_string(micros / 1'000'000) + "." + std::string(6 - fraction.size(), '0') +
         fraction;
}

std::string csv_micros(double seconds) {
  return std::to_string(std::llround(seconds * 1e6));
}

std::string csv_row_of(const ExportTrace& trace, const TraceNode& node) {
  const bool has_parent = node.parent != TraceNode::kNone;
  const SegmentId& parent = has_parent ? trace.tree.nodes[node.parent].id : node.parent_id;
  const auto mark = [](bool flag) { return std::string(flag ? "1" : "0"); };
  std::string row(trace.id.text());
  for (const std::string& field :
       {std::string(node.id.text()), parent.is_noop() ? std::string() : parent.to_string(),
        std::string(node.is_segment ? "segment" : "subsegment"),
        csv_field(trace.tree.nodes[node.segment].name), csv_field(node.name), csv_field(node.space),
        std::to_string(node.depth), csv_time(node.start),
        node.end ? csv_micros(*node.end - node.start) : std::string(), csv_micros(node.self),
        csv_field(node.http.method), csv_field(node.http.url),
        node.http.status == 0 ? std::string() : std::to_string(node.http.status),
        mark(node.flags.error), mark(node.flags.throttle), mark(node.flags.fault),
        mark(node.is_in_progress)}) {
    row.append(",").append(field);
  }
  return row.append("\r\n");
}

}  // namespace

std::string trace_csv_header() {
  return "trace_id,id,parent_id,kind,service,name,namespace,depth,start,duration_us,self_us,"
         "method,url,status,error,throttle,fault,in_progress\r\n";
}

std::string trace_csv_rows(const ExportTrace& trace) {
  std::string rows;
  for (const TraceNode& node : trace.tree.nodes) rows += csv_row_of(trace, node);
  return rows;
}

}  // namespace xtrace::collect
