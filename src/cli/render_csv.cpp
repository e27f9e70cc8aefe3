#include "cli/render_csv.h"

#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "cli/metric.h"

namespace xtrace::cli {

namespace {

/// Fields that hold a comma, a quote or a line end stand in quotes, as do those that a spreadsheet
/// would take for a formula.
std::string quote(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos &&
      (text.empty() || std::string_view("=+-@").find(text.front()) == std::string_view::npos)) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char letter : text) quoted.append(letter == '"' ? 2 : 1, letter);
  return quoted + "\"";
}

void add(std::string& row, std::string_view field) {
  if (!row.empty()) row += ',';
  row += quote(field);
}

std::string microseconds(Duration duration) {
  return std::to_string(std::chrono::floor<std::chrono::microseconds>(duration).count());
}

std::string epoch(WallTime wall) {
  std::string text;
  JsonWriter(text).time(wall);
  return text;
}

std::vector<const AttemptReport*> attempts_of(const Report& report) {
  std::vector<const AttemptReport*> attempts;
  for (const LegReport& leg : report.legs) {
    for (const AttemptReport& attempt : leg.attempts) attempts.push_back(&attempt);
  }
  return attempts;
}

void add_outline(std::string& row, const Report& report) {
  add(row, report.trace_id);
  add(row, report.method);
  add(row, report.url);
}

void add_outcome(std::string& row, const Report& report, const AttemptReport* last) {
  const bool has_status = last != nullptr && last->response;
  add(row, has_status ? std::to_string(last->response->status) : "");
  add(row, report.error ? to_string(report.error->code) : "");
  add(row, report.error ? to_string(report.error->phase) : "");
}

bool is_warm(const std::vector<const AttemptReport*>& attempts) {
  for (const AttemptReport* attempt : attempts) {
    if (!attempt->timeline.reused) return false;
  }
  return true;
}

void add_connection(std::string& row, const std::vector<const AttemptReport*>& attempts) {
  if (attempts.empty() || !attempts.back()->timeline.remote.is_set()) {
    row += ",,,";
    return;
  }
  const Timeline& timeline = attempts.back()->timeline;
  add(row, is_warm(attempts) ? "1" : "0");
  add(row, timeline.connection == 0 ? "" : std::to_string(timeline.connection));
  add(row, timeline.remote.to_string());
}

void add_times(std::string& row, const std::vector<const AttemptReport*>& attempts) {
  std::vector<const Timeline*> timelines;
  for (const AttemptReport* attempt : attempts) timelines.push_back(&attempt->timeline);
  for (const auto& length : measure(timelines)) add(row, length ? microseconds(*length) : "");
}

}  // namespace

std::string csv_header() {
  std::string header =
      "number,started_at,trace_id,method,url,status,error,error_phase,warm,connection,remote,"
      "late_us";
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    header.append(",").append(to_string(static_cast<Metric>(i))).append("_us");
  }
  return header + ",body_bytes\r\n";
}

std::string csv_row(const Report& report, std::uint64_t number, Duration late) {
  const std::vector<const AttemptReport*> attempts = attempts_of(report);
  const AttemptReport* last = attempts.empty() ? nullptr : attempts.back();
  std::string row = std::to_string(number);
  add(row, last == nullptr ? "" : epoch(attempts.front()->timeline.started.wall));
  add_outline(row, report);
  add_outcome(row, report, last);
  add_connection(row, attempts);
  add(row, microseconds(late));
  add_times(row, attempts);
  add(row, last == nullptr ? "" : std::to_string(last->timeline.response_body_bytes));
  return row + "\r\n";
}

std::string render_csv(const Report& report) {
  return csv_header() + csv_row(report, 1, Duration{});
}

}  // namespace xtrace::cli
