#include "cli/plan_picture.h"
#include "cli/report.h"
#include "cli/request_picture.h"
#include "cli/run_report.h"
#include "cli/trace_line.h"

namespace xtrace::cli {

std::string render_pretty(const Report& report, const Style& style) {
  std::string text = report.plan ? draw_plan(report, style) : draw_request(report, style);
  text += render_slo(report.slo, style);
  return text + draw_trace_line(report, style);
}

}  // namespace xtrace::cli
