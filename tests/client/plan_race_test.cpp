#include <xtrace/plan_client.h>

#include "plan_fixture.h"

namespace xtrace::testing::plan_race_test {
namespace {

using Events = std::vector<std::string>;

struct RaceFixture : PlanFixture {
  /// The first connection never answers.
  void stay_silent() { server.on_connection().expect_head().silent(); }

  Plan racing(std::vector<Duration> delays) const {
    Plan what = plan();
    what.race = RacePolicy{.schedule = race_after(std::move(delays))};
    return what;
  }
};

TEST_SUITE("client/plan_race") {
  TEST_CASE_FIXTURE(RaceFixture, "a rival that answers first wins and the slow one is redundant") {
    stay_silent();
    answer({answer_with(200, "rival")});
    CHECK(execute(racing({20ms})).status() == 200);
    CHECK(result->attempt == 1);
    CHECK(result->response()->body == "rival");
    CHECK(result->waves() == 1);
    CHECK(result->attempts[0].is_redundant);
    CHECK(result->attempts[0].error()->code == Error::Code::redundant);
    CHECK_FALSE(result->attempts[1].is_redundant);
    CHECK(result->attempts[1].started.tick - result->attempts[0].started.tick >= 20ms);
    CHECK(events == Events{"before_execution_start -1", "before_attempt 0", "race_decided 1 none",
                           "before_attempt 1", "before_read_body 1", "after_attempt 1",
                           "retry_decided 1 policy", "attempt_redundant 0", "after_attempt 0",
                           "retry_decided 0 redundant", "after_execution_end 1"});
  }

  TEST_CASE_FIXTURE(RaceFixture, "a loser's connection is closed, its phases are abandoned") {
    stay_silent();
    answer({answer_with(200)});
    execute(racing({10ms}));
    loop.run_until([this] { return server.connection(0).peer_ended; });
    const Timeline& lost = result->attempts[0].exchange.timeline;
    CHECK(lost.find(Phase::response)->outcome == Outcome::abandoned);
    const PoolCounts pool = client->pool_stats().total;
    CHECK(pool.closed_for(CloseReason::cancelled) == 1);
    CHECK(pool.idle == 1);
  }

  TEST_CASE_FIXTURE(RaceFixture,
                    "a loser that reads its body keeps its status and loses its body") {
    server.on_connection().expect_head().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal");
    answer({answer_with(200, "whole")});
    execute(racing({10ms}));
    CHECK(result->response()->body == "whole");
    CHECK(result->attempts[0].status() == 200);
    CHECK(result->attempts[0].exchange.response->body.empty());
    CHECK(result->attempts[0].is_redundant);
  }

  TEST_CASE_FIXTURE(RaceFixture,
                    "an attempt that ends stops new starts, also where it is retried") {
    server.on_connection().expect_head().wait(30ms).send(answer_with(200, "first"));
    answer({answer_with(503)});
    CHECK(execute(racing({5ms, 5ms, 5ms})).response()->body == "first");
    CHECK(result->attempts.size() == 2);
    CHECK(result->waves() == 1);
    CHECK_FALSE(result->attempts[1].is_redundant);
    CHECK(result->attempts[1].status() == 503);
  }

  TEST_CASE_FIXTURE(RaceFixture,
                    "where all of a wave is retried its first attempt drives the wait") {
    server.on_connection()
        .expect_head()
        .wait(30ms)
        .send(answer_with(503))
        .expect_head()
        .send(answer_with(200));
    answer({answer_with(429)});
    int asked_for = -1;
    config.retry.wait = RetryWaiter([&asked_for](const Execution& execution) {
      asked_for = execution.attempt;
      return Duration(1ms);
    });
    CHECK(execute(racing({5ms})).status() == 200);
    CHECK(asked_for == 0);
    CHECK(result->attempts.size() == 3);
    CHECK(result->waves() == 2);
    CHECK(result->attempts[2].wave == 1);
  }

  TEST_CASE_FIXTURE(RaceFixture, "a delay of zero starts the rival at once") {
    stay_silent();
    answer({answer_with(200)});
    CHECK(execute(racing({0ms})).attempt == 1);
  }

  TEST_CASE_FIXTURE(RaceFixture, "a starter that says no closes the wave") {
    server.on_connection().expect_head().wait(40ms).send(answer_with(200));
    Plan what = racing({5ms, 5ms});
    what.race->start = start_never();
    CHECK(execute(std::move(what)).attempts.size() == 1);
    CHECK(std::count(events.begin(), events.end(), "race_decided 1 starter") == 1);
    CHECK(plans->stats().race_vetoes == 1);
    CHECK(plans->stats().raced == 0);
  }

  TEST_CASE_FIXTURE(RaceFixture, "a method that is not idempotent is not raced") {
    server.on_connection().expect_head().wait(40ms).send(answer_with(200));
    Plan what = racing({5ms});
    what.request.method = "POST";
    CHECK(execute(std::move(what)).attempts.size() == 1);
    CHECK(std::count(events.begin(), events.end(), "race_decided 1 none") == 0);
  }

  TEST_CASE_FIXTURE(RaceFixture, "three attempts race and the last is the answer") {
    stay_silent();
    stay_silent();
    answer({answer_with(200)});
    CHECK(execute(racing({10ms, 20ms})).attempt == 2);
    CHECK(result->racing == 0);
    CHECK(result->attempt_ends == 3);
    const auto started = [this](std::size_t i) { return result->attempts[i].started.tick; };
    CHECK(started(1) - started(0) >= 10ms);
    CHECK(started(2) - started(1) >= 20ms);
    CHECK(plans->stats().raced == 2);
    CHECK(plans->stats().redundant == 2);
    CHECK(plans->stats().rivals_won == 1);
  }

  // Facts B5: httpx's plug-in sends the last attempt's header with all of them.
  TEST_CASE_FIXTURE(RaceFixture, "each rival sends what was set for it alone") {
    stay_silent();
    stay_silent();
    answer({answer_with(200)});
    options.before_send = [](Request& request, const Execution& execution) -> Expected<void> {
      request.headers.set("X-Attempt", std::to_string(execution.attempt));
      return {};
    };
    execute(racing({10ms, 10ms}));
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(server.received(i).find("X-Attempt: " + std::to_string(i)) != std::string::npos);
    }
  }

  TEST_CASE_FIXTURE(RaceFixture, "the hooks tell of the race and of who lost it") {
    stay_silent();
    answer({answer_with(200)});
    Plan what = racing({10ms});
    Events told;
    what.trace.race_started = [&told](const RaceInfo& race) {
      told.push_back("race " + std::to_string(race.attempt) + " of " + std::to_string(race.racing));
      CHECK(race.after >= 10ms);
    };
    what.trace.attempt_redundant = [&told](int attempt) {
      told.push_back("redundant " + std::to_string(attempt));
    };
    execute(std::move(what));
    CHECK(told == Events{"race 1 of 2", "redundant 0"});
  }

  TEST_CASE_FIXTURE(RaceFixture, "every attempt is observed once it is over") {
    stay_silent();
    answer({answer_with(200)});
    std::vector<int> seen;
    Plan what = racing({10ms});
    what.race->observe = [&seen](const Execution& execution) {
      CHECK(execution.current().is_over);
      seen.push_back(execution.attempt);
    };
    execute(std::move(what));
    CHECK(seen == std::vector<int>{1, 0});
  }

  TEST_CASE_FIXTURE(RaceFixture,
                    "an attempt that takes too long while its rival runs is retried late") {
    stay_silent();
    server.on_connection().expect_head().wait(60ms).send(answer_with(200));
    Plan what = racing({20ms});
    what.timeout = TimeoutPolicy([](const Execution& execution) -> std::optional<Duration> {
      return execution.attempts.empty() ? 40ms : 5000ms;
    });
    CHECK(execute(std::move(what)).attempt == 1);
    CHECK(result->attempts[0].error()->code == Error::Code::attempt_timeout);
    CHECK_FALSE(result->attempts[0].is_redundant);
    CHECK(result->attempt_timeouts == 1);
  }
}

}  // namespace
}  // namespace xtrace::testing::plan_race_test
