#include "stage/waterfall.h"

#include <cstdlib>

#include <unistd.h>

#include <xtrace/plan.h>

#include "cli/report.h"
#include "cli/terminal.h"

namespace xtrace::examples {

namespace {

cli::AttemptReport report_of(const AttemptRecord& attempt) {
  cli::AttemptReport report;
  report.index = attempt.index;
  report.wave = attempt.wave;
  report.redundant = attempt.is_redundant;
  report.response = attempt.exchange.response;
  report.timeline = attempt.exchange.timeline;
  report.decision = attempt.decision;
  return report;
}

cli::EmitReport report_of(const Sent& sent) {
  cli::EmitReport report;
  if (!sent.is_sampled) {
    report.reason = "the trace is not sampled";
    return report;
  }
  const bool is_sent = sent.delivery == Delivery::sent;
  report.outcome = is_sent ? cli::EmitReport::Outcome::sent : cli::EmitReport::Outcome::refused;
  report.to = "udp://" + sent.to;
  if (!is_sent) report.reason = "nobody is listening";
  report.documents = sent.stats.documents;
  report.datagrams = sent.stats.sent;
  report.bytes = sent.stats.bytes;
  report.segments = 1;
  report.subsegments = sent.subsegments;
  return report;
}

}  // namespace

std::string draw_waterfall(const Execution& execution, const Sent& sent) {
  cli::Report report;
  report.trace_id = sent.trace_id.to_string();
  report.sampled = sent.is_sampled;
  report.method = execution.plan->request.method;
  report.url = execution.plan->request.url.redacted();
  if (const Error* error = execution.error()) report.error = *error;
  cli::LegReport leg{.url = report.url, .attempts = {}, .method = report.method};
  for (const AttemptRecord& attempt : execution.attempts)
    leg.attempts.push_back(report_of(attempt));
  report.legs.push_back(std::move(leg));
  report.plan = cli::PlanReport{.attempts = static_cast<int>(execution.attempts.size()),
                                .waves = execution.waves(),
                                .winner = execution.attempt,
                                .is_plan_timeout = execution.is_plan_timeout(),
                                .waits = execution.waits};
  report.emit = report_of(sent);
  const cli::Environment environment = [](const char* name) { return std::getenv(name); };
  const cli::Style style = cli::make_style(cli::inspect_terminal(STDOUT_FILENO),
                                           cli::ColorChoice::automatic, environment);
  return cli::render_pretty(report, style);
}

}  // namespace xtrace::examples
