#include "cli/report_builder.h"

#include <utility>

#include "cli/redaction.h"
#include "cli/render_csv.h"

namespace xtrace::cli {

std::string judge(const GetOptions& options, const Exchange& exchange) {
  if (exchange.error || !exchange.response) return {};
  const int status = exchange.response->status;
  const std::string shown = "status " + std::to_string(status);
  if (!options.expected_statuses.contains(status)) {
    return shown + " is not among " + options.expected_statuses.text + " (--expect-status)";
  }
  constexpr int kFirstFailure = 400;
  if (options.fails_on_status && status >= kFirstFailure)
    return shown + " is 400 or above (--fail)";
  return {};
}

Report build_report(const GetOptions& options, const Request& request, const Exchange& exchange) {
  Report report;
  report.method = request.method;
  report.url = options.trace.redacts ? request.url.redacted() : request.url.full();
  report.error = exchange.error;
  report.judgement = judge(options, exchange);
  report.limits = options.client.timeouts;

  AttemptReport attempt;
  attempt.timeline = exchange.timeline;
  if (exchange.response) {
    attempt.response = options.trace.redacts ? redact(*exchange.response) : *exchange.response;
  }
  LegReport leg{.url = report.url, .attempts = {}};
  leg.attempts.push_back(std::move(attempt));
  report.legs.push_back(std::move(leg));
  return report;
}

std::string render(const Report& report, Format format, const Style& style) {
  switch (format) {
    case Format::pretty:
      return render_pretty(report, style);
    case Format::classic:
      return render_classic(report, style);
    case Format::compact:
      return render_compact(report, style);
    case Format::csv:
      return render_csv(report);
    case Format::json:
    case Format::jsonl:
      return render_json(report);
    case Format::xray:
      break;
  }
  return render_xray(report);
}

}  // namespace xtrace::cli
