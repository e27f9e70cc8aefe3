#include "cli/breakdown.h"
#include "cli/columns.h"
#include "cli/headline.h"
#include "cli/hints.h"
#include "cli/paint.h"
#include "cli/picture.h"
#include "cli/report.h"
#include "cli/rows.h"
#include "cli/text.h"
#include "cli/trace_line.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

/// Values are shown whole, however long: who asks for headers wants to copy them.
std::string draw_fields(const Headers& fields, const Style& style) {
  std::string text;
  for (const Header& field : fields) {
    text += paint(escape_for_terminal(field.name, style) + ":", Role::dim, style) + " " +
            escape_for_terminal(field.value, style) + "\n";
  }
  return text;
}

std::string draw_headers(const Response& response, const Style& style) {
  std::string status =
      "HTTP/1." + std::to_string(response.version_minor) + " " + std::to_string(response.status);
  if (!response.reason.empty()) status += " " + escape_for_terminal(response.reason, style);
  std::string text = "\n" + paint(status, Role::strong, style) + "\n";
  text += draw_fields(response.headers, style);
  if (!response.trailers.empty()) text += "\n" + draw_fields(response.trailers, style);
  return text;
}

std::string with_gap(const std::string& block) {
  return block.empty() ? block : "\n" + block;
}

std::string draw_attempt(const Report& report, const AttemptReport& attempt, const Style& style) {
  const Scale scale = make_scale(attempt.timeline.total, style.unit);
  const Breakdown breakdown = break_down(attempt.timeline, scale);
  std::string text = draw_headline(report, &attempt, style);
  if (style.show_headers && attempt.response) text += draw_headers(*attempt.response, style);
  if (breakdown.total > 0 && !breakdown.slices.empty()) {
    text += with_gap(draw_columns(breakdown, style));
    text += with_gap(draw_picture(make_rows(attempt, breakdown, style), breakdown, style));
  }
  return text + draw_hints(attempt, scale, style);
}

}  // namespace

std::string render_pretty(const Report& report, const Style& style) {
  std::string text;
  for (const LegReport& leg : report.legs) {
    for (const AttemptReport& attempt : leg.attempts) {
      if (!text.empty()) text += "\n";
      text += draw_attempt(report, attempt, style);
    }
  }
  if (text.empty()) text = draw_headline(report, nullptr, style);
  return text + draw_trace_line(report, style);
}

}  // namespace xtrace::cli
