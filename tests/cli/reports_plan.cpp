#include "reports_plan.h"

#include <chrono>
#include <string>
#include <utility>

#include "plan_parts.h"

namespace xtrace::testing {

using cli::AttemptReport;
using cli::Report;
using Veto = RetryDecision::Veto;

Report planned() {
  Report report = plan_of({decided(fresh({}, 1010, 200), Veto::policy)}, 0);
  add_pool(report);
  report.plan->breaker = breaker(0);
  return report;
}

Report retried() {
  Report report = plan_of({decided(fresh({}, 1010, 503), Veto::none),
                           decided(reused({1, 1, 2210}, 1213, 200, 1200), Veto::policy)},
                          1);
  report.plan->waits = {wait_after(0, 1010, 2210)};
  return report;
}

Report raced() {
  AttemptReport loser = reused({1, 1, 2210}, 3914, 200, 1200);
  lose(loser, 2);
  Report report = plan_of({decided(fresh({}, 1010, 503), Veto::none), loser,
                           decided(fresh({2, 1, 3710}, 2414, 200), Veto::policy)},
                          2);
  report.plan->waits = {wait_after(0, 1010, 2210)};
  add_pool(report);
  return report;
}

Report racing_example() {
  AttemptReport second = reused({1, 1, 400}, 1010, 200, 361);
  cut_off(second);
  AttemptReport stalled = reused({3, 2, 2170}, 550, 200, 1224);
  stalled.timeline.set(Phase::response, span(2, 11));
  stalled.timeline.set(Phase::body, span(11, 550, Outcome::abandoned));
  stalled.timeline.error =
      Error{Error::Code::redundant, Phase::body, "not needed: attempt 4 was final"};
  stalled.redundant = true;
  Report report =
      plan_of({decided(local({}, 39, 503), Veto::none), decided(second, Veto::none),
               decided(local({2, 1, 910}, 31, 429), Veto::none), decided(stalled, Veto::redundant),
               decided(local({4, 2, 2680}, 36, 200), Veto::policy)},
              4);
  report.plan->waits = {wait_after(0, 39, 400), wait_after(1, 1410, 2170)};
  return report;
}

Report refused_by_breaker() {
  Report report = plan_of({}, -1);
  report.legs.clear();
  report.plan->breaker = breaker(5);
  report.plan->breaker->state = BreakerState::open;
  report.plan->breaker->opens_for = tenths(42000);
  fail(report,
       {Error::Code::breaker_open, Phase::none,
        "the circuit breaker of https://pay.example.com:443 is open after 5 failures: it is tried "
        "again in 4.2 s"},
       75);
  return report;
}

Report cut_off_each_time() {
  std::vector<AttemptReport> attempts = {fresh({}, 1001, 200), fresh({1, 1, 1401}, 1002, 200),
                                         fresh({2, 2, 3203}, 1001, 200)};
  for (AttemptReport& attempt : attempts) {
    cut_off(attempt);
    attempt.decision = RetryDecision{attempt.index, attempt.index < 2 ? Veto::none : Veto::policy};
  }
  const Error last = *attempts.back().timeline.error;
  Report report = plan_of(std::move(attempts), 2);
  report.plan->waits = {wait_after(0, 1001, 1401), wait_after(1, 2403, 3203)};
  fail(report, last, 28);
  return report;
}

Report not_repeated() {
  Report report = plan_of({decided(fresh({}, 1010, 503), Veto::not_repeatable)}, 0);
  report.method = report.legs.front().method = "POST";
  return report;
}

Report redirected_in_attempts() {
  const auto led_on = [](AttemptReport attempt) {
    attempt.superseded = PastAttempt::Reason::redirected;
    attempt.response = response(301, "Moved Permanently");
    return attempt;
  };
  Report report =
      plan_of({led_on(fresh({}, 800, 301)), led_on(reused({1, 1, 2300}, 300, 301, 900))}, 1);
  AttemptReport bad = decided(reused({0, 0, 802}, 500, 502, 2), Veto::none);
  bad.response->reason = "Bad Gateway";
  report.legs.push_back({"https://pay.example.com/v2/quote",
                         {bad, decided(reused({1, 1, 2602}, 998, 200, 2), Veto::policy)},
                         "GET"});
  report.plan->waits = {wait_after(0, 1302, 2300)};
  return report;
}

Report out_of_budget() {
  Report report = retried();
  AttemptReport& last = report.legs.front().attempts.back();
  last.response = response(503, "Service Unavailable");
  last.decision = RetryDecision{1, Veto::budget};
  return report;
}

Report timed_out_between() {
  Report report = plan_of({decided(fresh({}, 1010, 503), Veto::none)}, 0);
  report.legs.front().attempts.front().response->headers.add("Retry-After", "2");
  WaitRecord wait = wait_after(0, 1010, 10000);
  wait.reason = WaitRecord::Reason::retry_after;
  wait.planned = std::chrono::seconds(2);
  report.plan->waits = {wait};
  report.plan->is_plan_timeout = true;
  report.limits.total = std::chrono::seconds(1);
  fail(report,
       {Error::Code::plan_timeout, Phase::none, "timed out waiting to try again (plan limit 1 s)"},
       28);
  return report;
}

Report stopped_by_breaker() {
  Report report = out_of_budget();
  report.legs.front().attempts.back().decision = RetryDecision{1, Veto::breaker};
  report.plan->race_vetoes = {{.rival = 2, .veto = RaceDecision::Veto::breaker}};
  add_pool(report);
  report.plan->breaker = breaker(5);
  report.plan->breaker->state = BreakerState::open;
  report.plan->breaker->opens_for = tenths(49990);
  report.exit_code = 22;
  report.judgement = "status 503 is 400 or above (--fail)";
  return report;
}

Report never_connected() {
  const auto refused = [](const Place& place) {
    AttemptReport attempt = attempt_at(place, 3);
    const Error error{Error::Code::connect_refused, Phase::dial,
                      "connect 203.0.113.7:443: connection refused (ECONNREFUSED)"};
    dial(attempt.timeline, ip("203.0.113.7", 443), span(1, 3, Outcome::error));
    attempt.timeline.set(Phase::connect, span(1, 3, Outcome::error));
    attempt.timeline.error = error;
    return decided(attempt, Veto::none);
  };
  AttemptReport silent = attempt_at({2, 2, 1503}, 1000);
  silent.timeline.set(Phase::dns, span(0, 1000, Outcome::timeout));
  silent.timeline.set(Phase::connect, span(0, 1000, Outcome::timeout));
  silent.timeline.error = Error{Error::Code::attempt_timeout, Phase::dns,
                                "timed out looking up the name (attempt limit 100 ms)"};
  silent.limit = tenths(1000);
  Report report = plan_of({refused({}), refused({1, 1, 500}), decided(silent, Veto::policy)}, 2);
  report.plan->waits = {wait_after(0, 3, 500), wait_after(1, 503, 1503)};
  fail(report, *silent.timeline.error, 28);
  return report;
}

Report interrupted_race() {
  const Error error{Error::Code::cancelled, Phase::response, "cancelled by the caller"};
  std::vector<AttemptReport> attempts = {fresh({}, 5000, 200), fresh({1, 0, 1500}, 3500, 200)};
  for (AttemptReport& attempt : attempts) {
    stop_waiting(attempt, error, Outcome::abandoned);
    attempt.decision = RetryDecision{attempt.index, Veto::local};
  }
  Report report = plan_of(std::move(attempts), 0);
  fail(report, error, 130);
  return report;
}

Report lasting() {
  Report report = plan_of({decided(fresh({}, 1010, 404), Veto::none),
                           decided(reused({1, 1, 2210}, 1213, 404, 1200), Veto::policy)},
                          1);
  for (AttemptReport& attempt : report.legs.front().attempts)
    attempt.response->reason = "Not Found";
  report.plan->waits = {wait_after(0, 1010, 2210)};
  return report;
}

Report queued_rival() {
  AttemptReport rival = attempt_at({1, 0, 500}, 510);
  rival.timeline.set(Phase::queue, span(0, 510, Outcome::abandoned));
  rival.timeline.error =
      Error{Error::Code::redundant, Phase::queue, "not needed: attempt 0 was final"};
  rival.redundant = true;
  return plan_of(
      {decided(fresh({}, 1010, 200), Veto::policy), decided(std::move(rival), Veto::redundant)}, 0);
}

std::vector<Report> all_planned() {
  return {planned(),
          retried(),
          raced(),
          racing_example(),
          refused_by_breaker(),
          cut_off_each_time(),
          not_repeated(),
          redirected_in_attempts(),
          out_of_budget(),
          timed_out_between(),
          stopped_by_breaker(),
          never_connected(),
          interrupted_race(),
          lasting(),
          queued_rival()};
}

cli::RunReport with_plan(cli::RunReport report) {
  cli::RunPlan plan{.retried = 12,
                    .raced = 3,
                    .rivals_won = 2,
                    .redundant = 3,
                    .budget_exhausted = 1,
                    .breaker_refusals = 7,
                    .attempt_timeouts = 4};
  plan.breaker = breaker(5);
  plan.breaker->state = BreakerState::open;
  plan.breaker->opens_for = tenths(42000);
  report.plan = plan;
  return report;
}

}  // namespace xtrace::testing
