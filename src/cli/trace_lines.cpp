#include "cli/trace_lines.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "cli/bar.h"
#include "cli/paint.h"
#include "cli/text.h"
#include "cli/trace_words.h"
#include "cli/units.h"
#include "collect/trace_json.h"

namespace xtrace::cli {

namespace {

constexpr std::size_t kNarrowLines = 72;
constexpr std::size_t kWideLines = 120;
constexpr std::size_t kBriefId = 8;
constexpr std::size_t kLineDuration = 7;
constexpr std::size_t kLineSegments = 3;

struct LineColumns {
  std::size_t bar = 5;
  std::size_t service = 0;
  std::size_t deed = 0;
  std::size_t id = kBriefId;

  std::size_t duration_end() const { return 8 + 1 + kLineDuration; }
  std::size_t status_begin() const { return duration_end() + 1 + (bar > 0 ? bar + 1 : 0); }
  std::size_t service_begin() const { return status_begin() + 3 + 1 + 2 + 1; }
  std::size_t deed_begin() const { return service_begin() + service + 1; }
  std::size_t segments_begin() const { return deed_begin() + deed + 1; }
  std::size_t id_begin() const { return segments_begin() + kLineSegments + 1; }
};

LineColumns line_columns(const Style& style) {
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  LineColumns columns;
  if (width < kNarrowLines) columns.bar = 0;
  if (width >= kWideLines) columns.id = TraceId::kLength;
  const std::size_t fixed = columns.service_begin() + 1 + 1 + kLineSegments + 1 + columns.id;
  const std::size_t spare = width > fixed + 2 ? width - fixed : 2;
  columns.service = std::min<std::size_t>(spare * 2 / 5, 30);
  columns.deed = spare - columns.service;
  return columns;
}

/// By orders of magnitude, so that lines that come one by one can be compared.
Quanta length_of_bar(double seconds) {
  constexpr double kLeast = 0.0001;
  constexpr double kSteps = 8;
  const double decades = std::log10(std::max(seconds, kLeast) / kLeast);
  return static_cast<Quanta>(std::lround(decades * kSteps));
}

void draw_length(Line& line, const collect::TraceDigest& digest, const LineColumns& columns,
                 const Style& style) {
  if (columns.bar == 0) return;
  const BarScale scale{.total = static_cast<Quanta>(columns.bar * 8), .cells = columns.bar};
  Row row;
  row.role = role_of_flags(digest.flags);
  row.length = std::min(length_of_bar(digest.duration), scale.total);
  line.skip_to(columns.duration_end() + 1);
  draw_bar(line, row, scale, style);
}

/// `F~`: what came of it, and whether that is all.
std::string line_marks(const collect::TraceDigest& digest) {
  std::string marks(1, letter_of(digest.flags));
  if (digest.is_in_progress) {
    marks += '~';
  } else if (!digest.is_complete) {
    marks += '?';
  }
  return marks;
}

/// `POST /orders`; with the host where there is room for it.
std::string request_of(const collect::TraceDigest& digest, std::size_t room, const Style& style) {
  const std::string method = digest.method + (digest.method.empty() ? "" : " ");
  std::string whole = escape_for_terminal(method + shown_url(digest.url), style);
  if (digest.url.empty() || display_width(whole) <= room) return whole;
  return cut_to_width(escape_for_terminal(method + shown_path(digest.url), style), room, style);
}

/// In three columns: `999`, then thousands and millions. A trace that is told of again has its mark
/// before them.
std::string segments_of(const collect::TraceDigest& digest, Telling telling) {
  constexpr std::size_t kThousand = 1000;
  std::size_t count = digest.segments;
  std::string unit;
  for (const char* larger : {"k", "M"}) {
    if (count < kThousand) break;
    count /= kThousand;
    unit = larger;
  }
  return (telling == Telling::again ? "+" : "") + std::to_string(count) + unit;
}

std::string service_of(const collect::TraceDigest& digest) {
  return digest.entry < digest.services.size() ? digest.services[digest.entry].name : "(no root)";
}

}  // namespace

std::string draw_trace_columns(const Style& style) {
  const LineColumns columns = line_columns(style);
  Line line(style);
  line.add("began", Role::dim).skip_to(8 + 1).add_right("took", kLineDuration, Role::dim);
  line.skip_to(columns.status_begin()).add("status", Role::dim);
  line.skip_to(columns.service_begin())
      .add(cut_to_width("service", columns.service, style), Role::dim);
  line.skip_to(columns.deed_begin()).add(cut_to_width("request", columns.deed, style), Role::dim);
  line.skip_to(columns.segments_begin()).add_right("seg", kLineSegments, Role::dim);
  line.skip_to(columns.id_begin()).add("trace", Role::dim);
  return line.finish();
}

std::string draw_trace_row(const collect::TraceDigest& digest, Telling telling,
                           const Style& style) {
  const LineColumns columns = line_columns(style);
  const Role role = role_of_flags(digest.flags);
  Line line(style);
  line.add(clock_time(digest.start), Role::dim).skip(1);
  // The same digits on every line: a stream of lines has no longest one to go by.
  line.add_right(format_measured(duration_of_seconds(digest.duration)), kLineDuration);
  draw_length(line, digest, columns, style);
  line.skip_to(columns.status_begin());
  if (digest.status != 0) line.add(std::to_string(digest.status), role_of_status(digest.status));
  line.skip_to(columns.status_begin() + 4).add(line_marks(digest), role);
  const std::string name = escape_for_terminal(service_of(digest), style);
  line.skip_to(columns.service_begin())
      .add(cut_to_width(name, columns.service, style), role == Role::good ? Role::plain : role);
  line.skip_to(columns.deed_begin()).add(request_of(digest, columns.deed, style));
  // The blank before the column is the mark's where the number needs all of it.
  line.skip_to(columns.segments_begin() - 1);
  line.add_right(segments_of(digest, telling), kLineSegments + 1, Role::dim);
  line.skip_to(columns.id_begin());
  const bool is_whole = columns.id == TraceId::kLength;
  line.add(is_whole ? std::string(digest.id.text()) : brief_id(digest.id), Role::dim);
  return line.finish();
}

std::string draw_trace_row(const collect::StoredTrace& trace, const collect::TraceDigest& digest,
                           Telling telling, const Style& style) {
  if (!digest.url.empty()) return draw_trace_row(digest, telling, style);
  return draw_trace_row(with_first_call(digest, collect::build_tree(trace)), telling, style);
}

collect::TraceDigest with_first_call(const collect::TraceDigest& digest,
                                     const collect::TraceTree& tree) {
  collect::TraceDigest completed = digest;
  if (!digest.url.empty()) return completed;
  const auto calls = [](const collect::TraceNode& node) { return !node.http.url.empty(); };
  const auto first = std::ranges::find_if(tree.nodes, calls);
  if (first == tree.nodes.end()) return completed;
  completed.method = first->http.method;
  completed.url = first->http.url;
  if (digest.status == 0) completed.status = first->http.status;
  return completed;
}

std::string trace_json_line(const collect::StoredTrace& trace, const collect::TraceDigest& digest) {
  std::string row;
  {
    JsonWriter json(row);
    collect::write_row(json, trace, digest);
  }
  // The row's own members follow.
  return R"({"schema":"xtrace.trace/1",)" + row.substr(1) + "\n";
}

std::string brief_id(const TraceId& id) {
  constexpr std::size_t kRandomBegin = 11;  // behind `1-`, eight digits and a dash
  return std::string(id.text().substr(kRandomBegin, kBriefId));
}

}  // namespace xtrace::cli
