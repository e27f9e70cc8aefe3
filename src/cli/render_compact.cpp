#include <string_view>

#include "cli/breakdown.h"
#include "cli/plan_view.h"
#include "cli/report.h"
#include "cli/text.h"

namespace xtrace::cli {

namespace {

/// The parts that are always there, in this order; `-` where they did not happen. The others only
/// where they did.
struct Field {
  Part part;
  std::string_view name;
  bool is_always_shown;
};

constexpr std::array<Field, kPartCount> kFields = {{
    {Part::dns, "dns", true},
    {Part::tcp, "tcp", true},
    {Part::proxy, "proxy", false},
    {Part::tls, "tls", true},
    {Part::request, "req", true},
    {Part::wait, "wait", true},
    {Part::body, "body", true},
    {Part::other, "other", false},
}};

std::string write_parts(const Timeline& timeline, const Style& style) {
  const Scale scale =
      make_scale(timeline.total,
                 style.unit == Style::Unit::automatic ? Style::Unit::milliseconds : style.unit);
  const Breakdown breakdown = break_down(timeline, scale);
  const auto parts = sum_parts(breakdown);
  std::string text;
  for (const Field& field : kFields) {
    const PartLength& part = parts[static_cast<std::size_t>(field.part)];
    if (!part.happened && !field.is_always_shown) continue;
    text.append(" ").append(field.name).append("=");
    text += part.happened ? scale.number(part.length) : "-";
  }
  return text + " total=" + scale.text(breakdown.total);
}

const AttemptReport* last_attempt(const LegReport& leg) {
  return leg.attempts.empty() ? nullptr : &leg.attempts.back();
}

std::string write_verdict(const Report& report, const AttemptReport* attempt) {
  const bool is_last = attempt == nullptr || !attempt->superseded;
  if (report.error && is_last) {
    std::string text = "ERR " + std::string(to_string(report.error->code));
    return text.append(" ").append(to_string(report.error->phase));
  }
  const bool has_status = attempt != nullptr && attempt->response;
  return has_status ? std::to_string(attempt->response->status) : "-";
}

/// ` attempts=3 waves=2 call=612.4ms`: of the whole plan, where the parts are those of the attempt
/// that it ended with.
std::string write_plan(const Report& report, const Style& style) {
  if (!report.plan) return {};
  const Scale scale =
      make_scale(report.total(),
                 style.unit == Style::Unit::automatic ? Style::Unit::milliseconds : style.unit);
  return " attempts=" + std::to_string(report.plan->attempts) +
         " waves=" + std::to_string(report.plan->waves) + " call=" + scale.text(report.total());
}

std::string write_line(const Report& report, const LegReport& leg, const Style& style) {
  const AttemptReport* attempt = last_attempt(leg);
  std::string line = write_verdict(report, attempt);
  line += " " + escape_for_terminal(leg.method.empty() ? report.method : leg.method, style);
  line += " " + escape_for_terminal(leg.url, style) + " h1";
  line += write_parts(attempt != nullptr ? attempt->timeline : Timeline{}, style);
  line += write_plan(report, style);
  return line + " " + (report.trace_id.empty() ? "-" : report.trace_id) + "\n";
}

}  // namespace

std::string render_compact(const Report& report, const Style& style) {
  const Report shown = only_final_attempt(report);
  if (shown.legs.empty())
    return write_line(report, LegReport{.url = report.url, .attempts = {}}, style);
  std::string lines;
  for (const LegReport& leg : shown.legs) {
    const bool is_last = &leg == &shown.legs.back();
    lines += write_line(is_last ? report : shown, leg, style);
  }
  return lines;
}

}  // namespace xtrace::cli
