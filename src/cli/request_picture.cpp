#include "cli/request_picture.h"

#include <vector>

#include "cli/breakdown.h"
#include "cli/columns.h"
#include "cli/headline.h"
#include "cli/hints.h"
#include "cli/paint.h"
#include "cli/picture.h"
#include "cli/rows.h"
#include "cli/text.h"
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

/// Several physical requests: each its own status line and rows, all on the axis of the whole call.
class Chain {
 public:
  Chain(const Report& report, const Style& style)
      : report_(report),
        style_(style),
        attempts_(report.attempts()),
        scale_(make_scale(report.total(), style.unit)) {}

  std::string draw() const {
    const Quanta total = scale_.round(report_.total());
    const Picture picture = draw_groups(make_groups(), scale_, total, style_);
    std::string text;
    std::size_t index = 0;
    for (std::size_t leg = 0; leg < report_.legs.size(); ++leg) {
      text += leg == 0 ? "" : "\n";
      text += draw_title(leg);
      for (const AttemptReport& attempt : report_.legs[leg].attempts) {
        if (attempt.index > 0) text += "\n";
        text += draw_attempt(attempt, picture.groups[index]);
        if (++index == attempts_.size()) text += picture.axis;
        text += draw_hints(attempt, scale_, style_);
      }
    }
    return text + draw_total();
  }

 private:
  std::vector<std::vector<Row>> make_groups() const {
    std::vector<std::vector<Row>> groups;
    const Tick started = attempts_.front()->timeline.started.tick;
    for (const AttemptReport* attempt : attempts_) {
      const Breakdown breakdown = break_down(attempt->timeline, scale_);
      const Quanta begin = scale_.round(attempt->timeline.started.tick - started);
      std::vector<Row> rows = make_rows(*attempt, breakdown, style_);
      for (Row& row : rows) {
        row.begin += begin;
        for (Quanta& mark : row.marks) mark += begin;
      }
      groups.push_back(std::move(rows));
    }
    return groups;
  }

  /// `2  GET https://example.com/`
  std::string draw_title(std::size_t leg) const {
    const LegReport& shown = report_.legs[leg];
    Flow flow(style_, 3);
    flow.piece(std::to_string(leg + 1), Role::strong);
    flow.piece(escape_for_terminal(shown.method + " " + shown.url, style_), Role::strong);
    return flow.finish();
  }

  std::string draw_attempt(const AttemptReport& attempt, const std::string& rows) const {
    std::string text = draw_headline(report_, &attempt, style_);
    if (style_.show_headers && attempt.response) {
      text += draw_headers(*attempt.response, style_) + "\n";
    }
    return text + rows;
  }

  std::string draw_total() const {
    std::size_t again = 0;
    for (const AttemptReport* attempt : attempts_) {
      if (attempt->superseded == PastAttempt::Reason::stale_connection) ++again;
    }
    std::string words = counted(attempts_.size(), "request");
    if (report_.legs.size() > 1) words += ", " + counted(report_.legs.size() - 1, "redirect");
    if (again > 0) words += ", " + std::to_string(again) + " sent again";
    Flow flow(style_, 2);
    flow.piece("total", Role::dim);
    flow.piece(scale_.text(report_.total()), Role::strong, 1);
    flow.piece(words, Role::dim);
    return "\n" + flow.finish();
  }

  const Report& report_;
  const Style& style_;
  std::vector<const AttemptReport*> attempts_;
  Scale scale_;
};

}  // namespace

std::string draw_request(const Report& report, const Style& style) {
  const std::vector<const AttemptReport*> attempts = report.attempts();
  if (attempts.empty()) return draw_headline(report, nullptr, style);
  if (attempts.size() == 1) return draw_attempt(report, *attempts.front(), style);
  return Chain(report, style).draw();
}

}  // namespace xtrace::cli
