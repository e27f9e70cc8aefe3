#include "stage/waterfall.h"

#include <cstdlib>

#include <unistd.h>

#include <xtrace/plan.h>

#include "cli/report_builder.h"
#include "cli/terminal.h"

namespace xtrace::examples {

namespace {

cli::EmitReport report_of(const Sent& sent) {
  cli::EmitReport report;
  if (!sent.is_sampled) {
    report.reason = "the trace is not sampled";
    return report;
  }
  report.to = "udp://" + sent.to;
  report.outcome = cli::EmitReport::Outcome::sent;
  if (sent.delivery == Delivery::refused) {
    report.outcome = cli::EmitReport::Outcome::refused;
    report.reason = "nobody is listening";
  } else if (sent.delivery == Delivery::unsent) {
    report.outcome = cli::EmitReport::Outcome::failed;
    report.reason = "it did not leave within 100 ms";
  }
  report.documents = sent.stats.documents;
  report.datagrams = sent.stats.sent;
  report.bytes = sent.stats.bytes;
  report.segments = 1;
  report.subsegments = sent.subsegments;
  return report;
}

}  // namespace

std::string draw_waterfall(const Execution& execution, const Sent& sent) {
  cli::Report report = cli::build_report({}, execution.plan->request, execution);
  report.trace_id = sent.trace_id.to_string();
  report.sampled = sent.is_sampled;
  report.emit = report_of(sent);
  const cli::Environment environment = [](const char* name) { return std::getenv(name); };
  const cli::Style style = cli::make_style(cli::inspect_terminal(STDOUT_FILENO),
                                           cli::ColorChoice::automatic, environment);
  return cli::render_pretty(report, style);
}

}  // namespace xtrace::examples
