#include <algorithm>
#include <array>

#include "cli/paint.h"
#include "cli/run_plan.h"
#include "cli/run_report.h"
#include "cli/run_table.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

std::uint64_t RunEmission::lost() const {
  return books.refused + books.rejected + books.dropped_queue_full + books.dropped_too_large +
         books.dropped_error + books.dropped_at_close + books.queued;
}

double RunReport::rate() const {
  const double seconds = std::chrono::duration<double>(duration).count();
  return seconds > 0 ? static_cast<double>(stats->answered()) / seconds : 0;
}

std::string render_compact(const RunReport& report, const Style& style) {
  const LoadStats& stats = *report.stats;
  const Scale scale = make_run_scale(
      stats, style.unit == Style::Unit::automatic ? Style::Unit::milliseconds : style.unit);
  const LatencyHistogram total = stats.of(Metric::total);
  std::string line = "run " + escape_for_terminal(report.method, style) + " " +
                     escape_for_terminal(report.url, style);
  line += " n=" + std::to_string(stats.requests());
  line += " errors=" + std::to_string(stats.failed());
  line += " cold=" + std::to_string(stats.cold()) + " warm=" + std::to_string(stats.warm());
  line += " rate=" + std::to_string(static_cast<std::uint64_t>(report.rate() + 0.5)) + "/s";
  const auto add = [&line, &scale](std::string_view name, Duration value) {
    line.append(" ").append(name).append("=").append(scale.number(scale.round(value)));
  };
  add("min", total.min());
  add("p50", total.percentile(50));
  add("p90", total.percentile(90));
  add("p95", total.percentile(95));
  add("p99", total.percentile(99));
  add("max", total.max());
  line += scale.unit;
  for (const auto& [status, count] : stats.statuses()) {
    line += " " + std::to_string(status) + "=" + std::to_string(count);
  }
  if (report.plan) line += compact_run_plan(*report.plan);
  if (!report.slo.empty()) line += is_any_violated(report.slo) ? " slo=violated" : " slo=ok";
  return line + "\n";
}

std::string render_slo(const std::vector<SloResult>& results, const Style& style) {
  const auto name_of = [](const SloResult& result) {
    return result.stat.empty() ? result.key : result.key + "." + result.stat;
  };
  std::size_t width = 0;
  for (const SloResult& result : results) width = std::max(width, name_of(result).size());
  std::string text;
  for (const SloResult& result : results) {
    Line line(style);
    line.skip(2).add("SLO", Role::strong).skip(2).add(name_of(result)).skip_to(7 + width);
    const Scale scale = make_scale(std::max(result.value, result.limit), style.unit);
    const std::string value = result.happened ? scale.text(result.value) : "-";
    line.add(" = ").add_right(value, 8);
    line.skip(2).add("budget " + format_brief(result.limit, style.unit)).skip(2);
    line.add(result.ok ? "ok" : "violated", result.ok ? Role::good : Role::fault);
    text += line.finish();
  }
  return text;
}

}  // namespace xtrace::cli
