#include "plan_parts.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace xtrace::testing {

using cli::AttemptReport;
using cli::PlanReport;
using cli::Report;
using Veto = RetryDecision::Veto;

namespace {

constexpr std::string_view kUrl = "https://pay.example.com/quote";

void answer_at(AttemptReport& attempt, std::int64_t sent_at, std::int64_t first_byte, int status) {
  Timeline& timeline = attempt.timeline;
  timeline.set(Phase::request, span(sent_at - 1, sent_at));
  timeline.set(Phase::response, span(sent_at, first_byte));
  timeline.set(Phase::body, {tenths(first_byte), timeline.total, Outcome::ok});
  attempt.response = response(status, status == 200 ? "OK" : "Service Unavailable");
  timeline.response_body_bytes = 153;
}

BreakerConfig five_in_thirty_seconds() {
  BreakerConfig config;
  config.window_time = std::chrono::seconds(30);
  config.minimum_calls = 5;
  config.failure_rate = 1;
  return config;
}

}  // namespace

AttemptReport attempt_at(const Place& place, std::int64_t total) {
  AttemptReport attempt = base("GET", kUrl, total).legs.front().attempts.front();
  attempt.index = place.index;
  attempt.wave = place.wave;
  attempt.timeline.started.tick += tenths(place.begin);
  attempt.timeline.started.wall +=
      std::chrono::duration_cast<WallTime::duration>(tenths(place.begin));
  return attempt;
}

AttemptReport fresh(const Place& place, std::int64_t total, int status) {
  AttemptReport attempt = attempt_at(place, total);
  Timeline& timeline = attempt.timeline;
  timeline.remote = ip(place.index == 2 ? "203.0.113.8" : "203.0.113.7", 443);
  timeline.local = ip("10.0.0.2", 41000);
  timeline.dns = DnsFacts{"pay.example.com", {timeline.remote}, false, "system"};
  timeline.set(Phase::dns, span(0, 118));
  dial(timeline, timeline.remote, span(118, 302));
  timeline.set(Phase::tls, span(302, 612));
  timeline.set(Phase::connect, span(0, 612));
  timeline.tls = tls_info();
  answer_at(attempt, 613, std::max<std::int64_t>(total - 72, 614), status);
  return attempt;
}

AttemptReport local(const Place& place, std::int64_t total, int status) {
  AttemptReport attempt = attempt_at(place, total);
  Timeline& timeline = attempt.timeline;
  timeline.remote = ip("127.0.0.1", 8443);
  timeline.local = ip("127.0.0.1", 41000);
  dial(timeline, timeline.remote, span(0, 1));
  timeline.set(Phase::tls, span(1, 18));
  timeline.set(Phase::connect, span(0, 18));
  timeline.tls = tls_info();
  answer_at(attempt, 19, total - 1, status);
  return attempt;
}

AttemptReport reused(const Place& place, std::int64_t total, int status, std::int64_t idle) {
  AttemptReport attempt = attempt_at(place, total);
  Timeline& timeline = attempt.timeline;
  timeline.reused = true;
  timeline.idle_time = tenths(idle);
  timeline.remote = ip("203.0.113.7", 443);
  timeline.local = ip("10.0.0.2", 41000);
  timeline.tls = tls_info();
  answer_at(attempt, 2, total - 20, status);
  return attempt;
}

void stop_waiting(AttemptReport& attempt, Error error, Outcome outcome) {
  Timeline& timeline = attempt.timeline;
  timeline.forget(Phase::body);
  Span wait = *timeline.find(Phase::response);
  timeline.set(Phase::response, {wait.begin, timeline.total, outcome});
  attempt.response.reset();
  timeline.response_body_bytes = 0;
  timeline.error = std::move(error);
}

void cut_off(AttemptReport& attempt) {
  stop_waiting(attempt,
               {Error::Code::attempt_timeout, Phase::response,
                "timed out waiting for the first byte (attempt limit 100 ms)"},
               Outcome::timeout);
  attempt.limit = tenths(1000);
}

void lose(AttemptReport& attempt, int winner) {
  attempt.redundant = true;
  attempt.decision = RetryDecision{attempt.index, Veto::redundant};
  const Error error{Error::Code::redundant, Phase::response,
                    "not needed: attempt " + std::to_string(winner) + " was final"};
  stop_waiting(attempt, error, Outcome::abandoned);
}

AttemptReport decided(AttemptReport attempt, Veto veto) {
  attempt.decision = RetryDecision{attempt.index, veto};
  return attempt;
}

WaitRecord wait_after(int wave, std::int64_t begin, std::int64_t end) {
  return {.wave = wave, .planned = tenths(end - begin), .begin = tenths(begin), .end = tenths(end)};
}

BreakerStats breaker(std::size_t failures) {
  BreakerStats stats;
  stats.bucket = "https://pay.example.com:443";
  stats.calls = stats.failures = stats.consecutive_failures = failures;
  stats.allowed = failures + 1;
  return stats;
}

Report plan_of(std::vector<AttemptReport> attempts, int winner) {
  Report report = base("GET", kUrl, 0);
  report.emit = sent(21, 7900);
  PlanReport& plan = report.plan.emplace();
  plan.attempts = static_cast<int>(attempts.size());
  plan.waves = attempts.empty() ? 0 : attempts.back().wave + 1;
  plan.winner = winner;
  report.legs.front().method = "GET";
  report.legs.front().attempts = std::move(attempts);
  return report;
}

void add_pool(Report& report) {
  report.plan->pool_address = "pay.example.com:443";
  report.plan->pool = PoolCounts{.idle = 1, .active = 1, .limit = 8, .opened = 2, .reused = 1};
  report.plan->breaker = breaker(1);
  report.plan->breaker_limits = five_in_thirty_seconds();
}

void fail(Report& report, const Error& error, int exit_code) {
  report.error = error;
  report.exit_code = exit_code;
}

}  // namespace xtrace::testing
