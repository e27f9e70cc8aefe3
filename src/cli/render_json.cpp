#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "cli/json_attempt.h"
#include "cli/json_fields.h"
#include "cli/json_plan.h"
#include "cli/plan_view.h"
#include "cli/report.h"
#include "cli/run_report.h"

namespace xtrace::cli {

namespace {

/// When the call began, how long it took, what came of it.
void write_outline(JsonFields& json, const Report& report, Tick started) {
  const std::vector<const AttemptReport*> attempts = report.attempts();
  json.key("started_at");
  if (attempts.empty()) {
    json.null();
  } else {
    json.time(attempts.front()->timeline.started.wall);
  }
  std::int64_t total = std::chrono::floor<std::chrono::microseconds>(report.total()).count();
  for (const AttemptReport* attempt : attempts) {
    const Timeline& timeline = attempt->timeline;
    total = std::max(total, microseconds_of_call(timeline, started, timeline.total));
  }
  json.number_of("total_us", total);
  const AttemptReport* last = final_request(report).request;
  json.status(last != nullptr ? last->response : std::nullopt);
}

/// Of the request that the call ended with, else of the last one.
std::optional<Response> response_of(const Report& report, const LegReport& leg) {
  const FinalRequest last = final_request(report);
  if (last.leg == &leg) return last.request->response;
  return leg.attempts.empty() ? std::nullopt : leg.attempts.back().response;
}

void write_leg(JsonFields& json, const Report& report, const LegReport& leg, Tick started) {
  json.begin_object();
  json.text("url", leg.url);
  json.text("method", leg.method.empty() ? report.method : leg.method);
  json.status(response_of(report, leg));
  json.key("attempts");
  json.begin_array();
  for (const AttemptReport& attempt : leg.attempts) write_json_attempt(json, attempt, started);
  json.end_array();
  json.end_object();
}

void write_emit(JsonFields& json, const EmitReport& emit) {
  constexpr std::array<std::string_view, 4> kOutcomes = {"off", "sent", "refused", "failed"};
  json.key("emit");
  json.begin_object();
  json.text_or_null("to", emit.to);
  json.count("documents", emit.documents);
  json.count("datagrams", emit.datagrams);
  json.count("bytes", emit.bytes);
  json.text("outcome", kOutcomes[static_cast<std::size_t>(emit.outcome)]);
  json.end_object();
}

}  // namespace

std::string render_json(const Report& report) {
  const std::vector<const AttemptReport*> attempts = report.attempts();
  const Tick started = attempts.empty() ? Tick{} : attempts.front()->timeline.started.tick;
  std::string text;
  JsonFields json(text);
  json.begin_object();
  json.text("schema", "xtrace.request/1");
  json.text("trace_id", report.trace_id);
  json.flag("sampled", report.sampled);
  json.text("method", report.method);
  json.text("url", report.url);
  json.number_of("exit_code", report.exit_code);
  json.error(report.error);
  write_outline(json, report, started);
  json.key("legs");
  json.begin_array();
  for (const LegReport& leg : report.legs) write_leg(json, report, leg, started);
  json.end_array();
  write_emit(json, report.emit);
  json.key("slo");
  json.raw(slo_to_json(report.slo));
  json.text_or_null("judgement", report.judgement);
  json.key("plan");
  write_json_plan(json, report.plan);
  json.end_object();
  return text += "\n";
}

}  // namespace xtrace::cli
