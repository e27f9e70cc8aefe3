#include "cli/report_builder.h"

#include <algorithm>
#include <utility>

#include "cli/redaction.h"
#include "cli/render_csv.h"

namespace xtrace::cli {

namespace {

/// Sorts the physical requests of an exchange into legs: a redirect begins one.
class LegBuilder {
 public:
  explicit LegBuilder(bool redacts) : redacts_(redacts) {}

  std::string show(const Url& url) const { return redacts_ ? url.redacted() : url.full(); }

  /// Where a 3xx points to; empty for every other response.
  std::string show_target(const Url& from, const Response& response) const {
    const std::string* location = response.headers.find("Location");
    if (response.status / 100 != 3 || location == nullptr) return {};
    const auto target = from.resolve(*location);
    return target ? show(*target) : std::string();
  }

  std::vector<LegReport> build(const Request& request, const Exchange& exchange) const {
    std::vector<LegReport> legs;
    bool begins = true;
    for (const PastAttempt& past : exchange.past) {
      if (begins) legs.push_back({.url = show(past.url), .attempts = {}, .method = past.method});
      AttemptReport attempt = report_of(past.timeline, past.response);
      attempt.superseded = past.reason;
      add(legs.back(), std::move(attempt));
      begins = past.reason == PastAttempt::Reason::redirected;
    }
    if (begins) {
      const Url& url = exchange.led_to ? exchange.led_to->second : request.url;
      const std::string& method = exchange.led_to ? exchange.led_to->first : request.method;
      legs.push_back({.url = show(url), .attempts = {}, .method = method});
    }
    add(legs.back(), report_of(exchange.timeline, exchange.response));
    return legs;
  }

 private:
  AttemptReport report_of(const Timeline& timeline, const std::optional<Response>& response) const {
    AttemptReport attempt;
    attempt.timeline = timeline;
    if (response) attempt.response = redacts_ ? redact(*response) : *response;
    return attempt;
  }

  static void add(LegReport& leg, AttemptReport attempt) {
    attempt.index = static_cast<int>(leg.attempts.size());
    leg.attempts.push_back(std::move(attempt));
  }

  bool redacts_;
};

}  // namespace

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

std::vector<const AttemptReport*> Report::attempts() const {
  std::vector<const AttemptReport*> all;
  for (const LegReport& leg : legs) {
    for (const AttemptReport& attempt : leg.attempts) all.push_back(&attempt);
  }
  return all;
}

Duration Report::total() const {
  const std::vector<const AttemptReport*> all = attempts();
  Duration longest{};
  for (const AttemptReport* attempt : all) {
    const Timeline& timeline = attempt->timeline;
    const Duration begin = timeline.started.tick - all.front()->timeline.started.tick;
    longest = std::max(longest, begin + timeline.total);
  }
  return longest;
}

Report build_report(const GetOptions& options, const Request& request, const Exchange& exchange) {
  Report report;
  const LegBuilder builder(options.trace.redacts);
  report.method = request.method;
  report.url = builder.show(request.url);
  report.error = exchange.error;
  report.judgement = judge(options, exchange);
  report.limits = options.client.timeouts;
  report.legs = builder.build(request, exchange);
  report.body_file = options.output.body_file;
  if (const std::string* referer = request.headers.find("Referer")) {
    report.referer = options.trace.redacts ? redact_value("Referer", *referer) : *referer;
  }
  if (exchange.response) {
    const Url& last = exchange.led_to ? exchange.led_to->second : request.url;
    report.redirect_url = builder.show_target(last, *exchange.response);
  }
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
