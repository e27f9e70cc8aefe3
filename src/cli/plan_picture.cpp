#include "cli/plan_picture.h"

#include <vector>

#include "cli/lanes.h"
#include "cli/paint.h"
#include "cli/plan_hints.h"
#include "cli/plan_notes.h"
#include "cli/plan_verdict.h"
#include "cli/plan_view.h"
#include "cli/request_picture.h"

namespace xtrace::cli {

namespace {

/// The lanes would show nothing that the phases do not.
bool is_plain(const Report& report) {
  const PlanReport& plan = *report.plan;
  return plan.attempts == 1 && plan.waits.empty() && !plan.is_plan_timeout;
}

/// The attempt that the plan ended with, from its own start.
std::string draw_final_attempt(const Report& report, const Style& style) {
  const int index = report.plan->winner;
  if (index < 0) return {};
  Report alone = only_attempt(report, index);
  alone.judgement.clear();
  alone.error.reset();
  const std::string title = "attempt " + std::to_string(index) + ", phase by phase";
  return "\n" + paint(title, Role::strong, style) + "\n" + draw_request(alone, style);
}

}  // namespace

std::string draw_plan(const Report& report, const Style& style) {
  if (is_plain(report)) {
    return draw_request(only_final_attempt(report), style) + draw_plan_notes(report, style);
  }
  std::string text = draw_verdict(report, style);
  const std::string lanes = draw_lanes(report, style);
  if (!lanes.empty()) text += "\n" + lanes + draw_connections(report, style);
  text += draw_plan_notes(report, style);
  text += draw_plan_hints(report, style);
  return text + draw_final_attempt(report, style);
}

}  // namespace xtrace::cli
