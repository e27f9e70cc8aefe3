#include "cli/report_builder.h"

#include <algorithm>
#include <utility>

#include "cli/redaction.h"
#include "cli/render_csv.h"
#include "cli/trace_formats.h"

namespace xtrace::cli {

namespace {

/// Sorts physical requests into legs: one for each URL at each depth of redirects.
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

  /// `attempt` is the plan's, where there is one.
  void add(const Request& request, const Exchange& exchange,
           const AttemptRecord* attempt = nullptr) {
    std::size_t depth = 0;
    for (const PastAttempt& past : exchange.past) {
      AttemptReport report = report_of(past.timeline, past.response, attempt);
      report.superseded = past.reason;
      add_to(leg_of(depth, past.url, past.method), std::move(report), attempt);
      if (past.reason == PastAttempt::Reason::redirected) ++depth;
    }
    const Url& url = exchange.led_to ? exchange.led_to->second : request.url;
    const std::string& method = exchange.led_to ? exchange.led_to->first : request.method;
    AttemptReport report = report_of(exchange.timeline, exchange.response, attempt);
    if (attempt != nullptr) report.decision = attempt->decision;
    add_to(leg_of(depth, url, method), std::move(report), attempt);
  }

  std::vector<LegReport> take() { return std::move(legs_); }

 private:
  AttemptReport report_of(const Timeline& timeline, const std::optional<Response>& response,
                          const AttemptRecord* attempt) const {
    AttemptReport report;
    report.timeline = timeline;
    if (response) report.response = redacts_ ? redact(*response) : *response;
    if (attempt == nullptr) return report;
    report.wave = attempt->wave;
    report.redundant = attempt->is_redundant;
    report.limit = attempt->timeout;
    return report;
  }

  static void add_to(LegReport& leg, AttemptReport report, const AttemptRecord* attempt) {
    report.index = attempt != nullptr ? attempt->index : static_cast<int>(leg.attempts.size());
    leg.attempts.push_back(std::move(report));
  }

  LegReport& leg_of(std::size_t depth, const Url& url, const std::string& method) {
    const std::string shown = show(url);
    std::size_t i = 0;
    while (i < legs_.size() && depths_[i] <= depth) {
      if (depths_[i] == depth && legs_[i].url == shown && legs_[i].method == method) break;
      ++i;
    }
    if (i == legs_.size() || depths_[i] != depth) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      depths_.insert(depths_.begin() + at, depth);
      legs_.insert(legs_.begin() + at, {.url = shown, .attempts = {}, .method = method});
    }
    return legs_[i];
  }

  bool redacts_;
  std::vector<LegReport> legs_;
  std::vector<std::size_t> depths_;  // of each leg, rising
};

/// Times that count from the start of the first attempt, as those of the picture do.
PlanReport report_plan(const Execution& execution) {
  PlanReport report;
  report.attempts = static_cast<int>(execution.attempts.size());
  report.waves = execution.waves();
  report.winner = execution.attempt;
  report.is_plan_timeout = execution.is_plan_timeout();
  if (execution.attempts.empty()) return report;
  const Duration before = execution.attempts.front().started.tick - execution.started.tick;
  report.waits = execution.waits;
  for (WaitRecord& wait : report.waits) {
    wait.begin -= before;
    wait.end -= before;
  }
  return report;
}

/// What the request says, whatever became of it.
Report begin_report(const GetOptions& options, const Request& request, const LegBuilder& builder) {
  Report report;
  report.method = request.method;
  report.url = builder.show(request.url);
  report.limits = options.client.timeouts;
  report.body_file = options.output.body_file;
  if (const std::string* referer = request.headers.find("Referer")) {
    report.referer = options.trace.redacts ? redact_value("Referer", *referer) : *referer;
  }
  return report;
}

/// What the last answer came to.
void conclude(Report& report, const GetOptions& options, const Request& request,
              const Exchange& exchange) {
  report.error = exchange.error;
  report.judgement = judge(options, exchange);
  if (!exchange.response) return;
  const Url& last = exchange.led_to ? exchange.led_to->second : request.url;
  report.redirect_url = LegBuilder(options.trace.redacts).show_target(last, *exchange.response);
}

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
  if (!plan) return longest;
  for (const WaitRecord& wait : plan->waits) longest = std::max(longest, wait.end);
  return longest;
}

Report build_report(const GetOptions& options, const Request& request, const Exchange& exchange) {
  LegBuilder builder(options.trace.redacts);
  Report report = begin_report(options, request, builder);
  builder.add(request, exchange);
  report.legs = builder.take();
  conclude(report, options, request, exchange);
  return report;
}

Report build_report(const GetOptions& options, const Request& request, const Execution& execution) {
  LegBuilder builder(options.trace.redacts);
  Report report = begin_report(options, request, builder);
  for (const AttemptRecord& attempt : execution.attempts) {
    builder.add(request, attempt.exchange, &attempt);
  }
  report.legs = builder.take();
  report.plan = report_plan(execution);
  conclude(report, options, request, final_exchange(execution));
  return report;
}

Exchange final_exchange(const Execution& execution) {
  Exchange exchange;
  if (execution.has_attempt()) {
    exchange = execution.current().exchange;
  } else {
    exchange.timeline.started = execution.started;
    exchange.timeline.error = execution.failure;
  }
  if (execution.failure) exchange.error = execution.failure;
  return exchange;
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
    case Format::har:
      return render_documents(report.trace_id, report.documents, TraceFormat::har);
    case Format::perfetto:
      return render_documents(report.trace_id, report.documents, TraceFormat::perfetto);
    case Format::otlp:
      return render_documents(report.trace_id, report.documents, TraceFormat::otlp);
    case Format::xray:
      break;
  }
  return render_xray(report);
}

}  // namespace xtrace::cli
