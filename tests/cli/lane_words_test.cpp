#include "cli/lane_words.h"

#include <doctest/doctest.h>

#include "cli/lane_bar.h"
#include "plan_parts.h"
#include "reports_plan.h"

namespace xtrace::cli::lane_words_test {

namespace {

using namespace testing;
using Veto = RetryDecision::Veto;

/// The most words for attempt `index`.
std::string words_for(const Report& report, std::size_t index, Duration later = {}) {
  const Scale scale = make_scale(report.total(), Style::Unit::automatic);
  return lane_words(view_attempts(report)[index], report, later, scale).front();
}

Report alone(AttemptReport attempt, int winner = 0) {
  Report report = plan_of({std::move(attempt)}, winner);
  return report;
}

}  // namespace

TEST_SUITE("cli/lane_words") {
  TEST_CASE("an answer tells its status, how long it took and what was decided") {
    CHECK(words_for(retried(), 0) == "503 in 101.0ms, retry");
    CHECK(words_for(retried(), 1) == "200 in 121.3ms");
    CHECK(words_for(raced(), 2, std::chrono::milliseconds(150)) ==
          "200 in 241.4ms, began 150ms later");
  }

  TEST_CASE("why an attempt was the last is told where the answer was not good") {
    const auto ending = [](Veto veto) {
      return words_for(alone(decided(fresh({}, 1010, 503), veto)), 0);
    };
    CHECK(ending(Veto::policy) == "503 in 101.0ms, given up");
    CHECK(ending(Veto::not_repeatable) == "503 in 101.0ms, not repeated");
    CHECK(ending(Veto::budget) == "503 in 101.0ms, no retry budget");
    CHECK(ending(Veto::breaker) == "503 in 101.0ms, breaker open");
    CHECK(ending(Veto::deadline) == "503 in 101.0ms, time is up");
    CHECK(words_for(alone(decided(fresh({}, 1010, 200), Veto::budget)), 0) == "200 in 101.0ms");
    CHECK(words_for(alone(fresh({}, 1010, 503)), 0) == "503 in 101.0ms");
  }

  TEST_CASE("an attempt that was cut off tells what it waited for") {
    CHECK(words_for(cut_off_each_time(), 0) ==
          "timed out after 100.1ms waiting for the first byte, retry");
    CHECK(words_for(never_connected(), 2) ==
          "timed out after 100.0ms looking up the name, given up");
    CHECK(words_for(never_connected(), 0) == "connect refused after 0.3ms, retry");
  }

  TEST_CASE("a loser tells how far it had come, and is no failure") {
    CHECK(words_for(raced(), 1) == "cancelled at 612.4ms, no byte");
    CHECK(words_for(racing_example(), 3) == "cancelled at 272.0ms, 200 unfinished");
    const Report report = raced();
    CHECK(end_of(view_attempts(report)[1], report) == LaneEnd::cancelled);
    AttemptReport late = decided(fresh({}, 1010, 200), Veto::redundant);
    late.redundant = true;
    CHECK(words_for(alone(late, 1), 0) == "200 in 101.0ms, not needed");
  }

  TEST_CASE("redirects and repeats inside an attempt are counted") {
    CHECK(words_for(redirected_in_attempts(), 1) == "200 in 130.0ms, 1 redirect");
    Report report = redirected_in_attempts();
    report.legs.front().attempts.back().superseded = PastAttempt::Reason::stale_connection;
    CHECK(words_for(report, 1) == "200 in 130.0ms, sent again");
  }

  TEST_CASE("only a good answer of the final attempt is an answer") {
    const auto end = [](int status, int winner) {
      const Report report = alone(decided(fresh({}, 1010, status), Veto::policy), winner);
      return end_of(view_attempts(report).front(), report);
    };
    CHECK(end(200, 0) == LaneEnd::answered);
    CHECK(end(404, 0) == LaneEnd::answered);
    CHECK(end(429, 0) == LaneEnd::failed);
    CHECK(end(500, 0) == LaneEnd::failed);
    CHECK(end(200, 1) == LaneEnd::failed);
  }

  TEST_CASE("an answer for which the attempt before was tried again is no good one") {
    CHECK(words_for(lasting(), 1) == "404 in 121.3ms, given up");
    Report report = lasting();
    CHECK(end_of(view_attempts(report)[1], report) == LaneEnd::failed);
    report.legs.front().attempts.front().response->status = 503;
    CHECK(words_for(report, 1) == "404 in 121.3ms");
    CHECK(end_of(view_attempts(report)[1], report) == LaneEnd::answered);
    Report broken = retried();
    AttemptReport& first = broken.legs.front().attempts.front();
    first.response->status = 200;
    first.timeline.error = Error{Error::Code::body_stalled, Phase::body, "the body stalled"};
    CHECK(end_of(view_attempts(broken)[1], broken) == LaneEnd::answered);
  }

  TEST_CASE("a rival that never left the pool's queue tells so, and is drawn so") {
    const Report report = queued_rival();
    CHECK(words_for(report, 1) == "cancelled at 101.0ms, in the queue");
    const AttemptView rival = view_attempts(report)[1];
    const Scale scale = make_scale(report.total(), Style::Unit::automatic);
    const LaneBar bar = bar_of(rival, LaneEnd::cancelled, report, scale);
    const BarScale bars{scale.round(report.total()), 30};
    CHECK(shows(bar, LaneSign::queued, bars));
    CHECK(!shows(bar, LaneSign::connecting, bars));
  }

  TEST_CASE("fewer words are never longer, down to what an end is in a word") {
    for (const Report& report : all_planned()) {
      const Scale scale = make_scale(report.total(), Style::Unit::automatic);
      for (const AttemptView& attempt : view_attempts(report)) {
        const auto all = lane_words(attempt, report, std::chrono::milliseconds(5), scale);
        CHECK(all.back().size() <= 20);
        CHECK(all.back().size() <= all.front().size());
      }
    }
  }

  TEST_CASE("a wait tells who asked for it, and what was left of it when time was up") {
    const Scale scale = make_scale(tenths(10000), Style::Unit::automatic);
    CHECK(wait_words(retried().plan->waits.front(), scale).front() == "120.0ms");
    CHECK(wait_words(timed_out_between().plan->waits.front(), scale).front() ==
          "899.0ms of 2s, as Retry-After asks");
  }
}

}  // namespace xtrace::cli::lane_words_test
