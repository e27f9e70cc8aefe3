#include "cli/render_csv.h"

#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "cli/metric.h"
#include "cli/plan_view.h"

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

std::string in_microseconds(Duration duration) {
  return std::to_string(std::chrono::floor<std::chrono::microseconds>(duration).count());
}

std::string epoch(WallTime wall) {
  std::string text;
  JsonWriter(text).time(wall);
  return text;
}

/// The requests of the attempt that the call ended with, in order.
std::vector<const AttemptReport*> attempts_of(const Report& report) {
  if (!report.plan) return report.attempts();
  for (AttemptView& view : view_attempts(report)) {
    if (view.index == report.plan->winner) return std::move(view.requests);
  }
  return {};
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

/// Phases are those of the final attempt; the total and the first byte count from the start of all.
void add_times(std::string& row, const Report& report,
               const std::vector<const AttemptReport*>& attempts) {
  std::vector<const Timeline*> timelines;
  timelines.reserve(attempts.size());
  for (const AttemptReport* attempt : attempts) timelines.push_back(&attempt->timeline);
  Measured measured = measure(timelines);
  if (report.plan && !attempts.empty()) {
    auto& first_byte = measured[static_cast<std::size_t>(Metric::ttfb)];
    if (first_byte) first_byte = *first_byte + begin_of(report, *attempts.front());
    measured[static_cast<std::size_t>(Metric::total)] = report.total();
  }
  for (const auto& length : measured) add(row, length ? in_microseconds(*length) : "");
}

void add_plan(std::string& row, const Report& report) {
  add(row, report.plan ? std::to_string(report.plan->attempts) : "");
  add(row, report.plan ? std::to_string(report.plan->waves) : "");
}

}  // namespace

std::string csv_header() {
  std::string header =
      "number,started_at,trace_id,method,url,status,error,error_phase,warm,connection,remote,"
      "late_us";
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    header.append(",").append(to_string(static_cast<Metric>(i))).append("_us");
  }
  return header + ",body_bytes,attempts,waves\r\n";
}

std::string csv_row(const Report& report, std::uint64_t number, Duration late) {
  const std::vector<const AttemptReport*> attempts = attempts_of(report);
  const AttemptReport* last = attempts.empty() ? nullptr : attempts.back();
  std::string row = std::to_string(number);
  add(row, last == nullptr ? "" : epoch(report.attempts().front()->timeline.started.wall));
  add_outline(row, report);
  add_outcome(row, report, last);
  add_connection(row, attempts);
  add(row, in_microseconds(late));
  add_times(row, report, attempts);
  add(row, last == nullptr ? "" : std::to_string(last->timeline.response_body_bytes));
  add_plan(row, report);
  return row + "\r\n";
}

std::string render_csv(const Report& report) {
  return csv_header() + csv_row(report, 1, Duration{});
}

}  // namespace xtrace::cli
