#include <algorithm>

#include "cli/paint.h"
#include "cli/run_plan.h"
#include "cli/run_report.h"
#include "cli/run_table.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

std::string format_rate(double rate) {
  const auto tenths = static_cast<std::uint64_t>(rate * 10 + 0.5);
  std::string text = std::to_string(tenths / 10);
  if (tenths < 10'000 && tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text + "/s";
}

std::string draw_headline(const RunReport& report, const Style& style) {
  const LoadStats& stats = *report.stats;
  Flow flow(style, 2);
  if (report.is_interrupted) flow.piece("INTERRUPTED", Role::fault);
  flow.piece(counted(stats.requests(), "request") + ",", Role::strong);
  if (stats.failed() > 0) flow.piece(std::to_string(stats.failed()) + " failed,", Role::fault, 1);
  flow.piece(counted(report.opened, "connection") + " opened,", Role::plain, 1);
  flow.piece(std::to_string(stats.warm()) + " reused,", Role::plain, 1);
  flow.piece(format_measured(report.duration) + ",", Role::plain, 1);
  flow.piece(format_rate(report.rate()), Role::strong, 1);
  std::size_t gap = 4;
  for (const auto& [status, number] : stats.statuses()) {
    flow.piece(std::to_string(status) + ": " + std::to_string(number), role_of_status(status), gap);
    gap = 3;
  }
  return flow.finish();
}

std::string draw_errors(const RunReport& report, const Style& style) {
  std::string text;
  for (const ErrorCount& error : report.stats->errors()) {
    const std::string number = std::to_string(error.count) + " x ";
    text += draw_remark("error",
                        number + std::string(to_string(error.code)) + ", for one: " + error.message,
                        style, Role::fault);
  }
  return text;
}

std::string draw_notes(const RunReport& report, const Style& style) {
  std::string text;
  if (report.intended_rate) {
    text += draw_remark("note",
                        "latency from the intended start, at " +
                            format_rate(*report.intended_rate) + "; the latest request began " +
                            format_measured(report.stats->latest()) + " after it",
                        style, Role::dim);
  }
  if (report.missed > 0) {
    text += draw_remark(
        "note",
        "never started though due by the schedule: " + counted(report.missed, "request") +
            "; all places in flight were taken (-c)",
        style, Role::dim);
  }
  if (report.cancelled > 0) {
    text += draw_remark(
        "note",
        counted(report.cancelled, "request") + " under way at the end cancelled, and in no figure",
        style, Role::dim);
  }
  if (report.warmup > 0) {
    text += draw_remark("note", counted(report.warmup, "request") + " before that to warm up",
                        style, Role::dim);
  }
  if (report.unwelcome > 0) {
    text += draw_remark(
        "note", counted(report.unwelcome, "answer") + " refused by --fail or --expect-status",
        style, Role::dim);
  }
  return text;
}

std::string draw_pool_counts(std::string_view name, const PoolCounts& counts, const Style& style) {
  Flow flow(style, 8);
  flow.piece("  pool", Role::dim).piece(escape_for_terminal(name, style));
  std::string open = "open " + std::to_string(counts.total());
  if (counts.limit > 0) open += "/" + std::to_string(counts.limit);
  flow.piece(open).piece("idle " + std::to_string(counts.idle));
  flow.piece("waiting " + std::to_string(counts.waiting));
  flow.piece("opened " + std::to_string(counts.opened));
  flow.piece("reused " + std::to_string(counts.reused));
  if (counts.failed > 0) flow.piece("failed " + std::to_string(counts.failed));
  if (counts.stale_retries > 0) flow.piece("retried " + std::to_string(counts.stale_retries));
  if (counts.waits > 0) flow.piece("waits " + std::to_string(counts.waits));
  for (std::size_t i = 0; i < kCloseReasonCount; ++i) {
    const auto reason = static_cast<CloseReason>(i);
    if (counts.closed_for(reason) == 0) continue;
    flow.piece("closed " + std::to_string(counts.closed_for(reason)) + " " +
               std::string(to_string(reason)));
  }
  return flow.finish();
}

std::string draw_pool(const RunReport& report, const Style& style) {
  if (!report.pool) return {};
  std::string text;
  for (const AddressStats& address : report.pool->addresses) {
    text += draw_pool_counts(address.address, address.counts, style);
  }
  return text.empty() ? draw_pool_counts("all", report.pool->total, style) : text;
}

std::string draw_traces(const RunReport& report, const Style& style) {
  const RunEmission& emission = report.emission;
  Flow flow(style, 2);
  const bool is_one = !report.trace_id.empty();
  flow.piece(is_one ? "trace" : "traces", Role::dim);
  if (is_one) flow.piece(report.trace_id, Role::plain, 1);
  if (emission.traces == 0) return flow.piece("none recorded", Role::dim, 1).finish();
  std::string fate = counted(emission.traces, "request") + " recorded, ";
  if (emission.to.empty()) {
    fate += "not sent (--emit none)";
  } else {
    constexpr std::string_view kUdp = "udp://";
    fate += counted(emission.books.sent, "document") + ", " + format_size(emission.books.bytes);
    fate += style.utf8 ? " \u2192 " : " -> ";
    fate += emission.to.starts_with(kUdp) ? emission.to.substr(kUdp.size()) : emission.to;
  }
  flow.piece(escape_for_terminal(fate, style), Role::dim, is_one ? 3 : 1);
  if (emission.lost() > 0) {
    std::string lost = std::to_string(emission.lost()) + " not sent";
    if (!emission.problem.empty()) lost += ": " + emission.problem;
    flow.piece(escape_for_terminal(lost, style), Role::fault, 2);
  }
  return flow.finish();
}

}  // namespace

std::string render_pretty(const RunReport& report, const Style& style) {
  const LoadStats& stats = *report.stats;
  const Scale scale = make_run_scale(stats, style.unit);
  std::string text = draw_headline(report, style);
  text += draw_run_table(stats, scale, style);
  const std::string distribution = draw_distribution(stats, scale, style);
  if (!distribution.empty()) text += "\n" + distribution;
  const std::string slowest = draw_slowest(stats, scale, style);
  if (!slowest.empty()) text += "\n" + slowest;
  text += draw_errors(report, style);
  text += draw_notes(report, style);
  if (report.plan) text += draw_run_plan(*report.plan, style);
  text += render_slo(report.slo, style);
  text += draw_pool(report, style);
  return text + draw_traces(report, style);
}

}  // namespace xtrace::cli
