#include <xtrace/plan_client.h>

#include "plan_fixture.h"

namespace xtrace::testing::plan_abort_test {
namespace {

/// Where a plan is when its caller gives up.
enum class Moment { before_it_begins, in_an_attempt, in_a_race, in_a_wait, in_the_second_wave };

struct AbortFixture : PlanFixture {
  void reach(Moment moment) {
    Plan what = plan();
    int attempts = 1;
    switch (moment) {
      case Moment::before_it_begins:
        return start(std::move(what));
      case Moment::in_an_attempt:
        server.on_connection().expect_head().silent();
        break;
      case Moment::in_a_race:
        server.on_connection().expect_head().silent();
        what.race = RacePolicy{.schedule = race_after({5ms})};
        attempts = 2;
        break;
      case Moment::in_a_wait:
        answer({answer_with(503)});
        config.retry.wait = wait_fixed(10s);
        start(std::move(what));
        loop.run_until([this] { return plans->stats().waiting == 1; });
        return;
      case Moment::in_the_second_wave:
        server.on_connection().expect_head().send(answer_with(503)).expect_head().silent();
        start(std::move(what));
        loop.run_until([this] { return server.received().find("GET", 1) != std::string::npos; });
        return;
    }
    start(std::move(what));
    loop.run_until([this, attempts] { return plans->stats().attempts == attempts; });
  }

  void check_nothing_left() {
    const PlanStats stats = plans->stats();
    CHECK(stats.executions == 0);
    CHECK(stats.attempts == 0);
    CHECK(stats.waiting == 0);
    CHECK(stats.retries == 0);
    loop.spin();
    CHECK_FALSE(result.has_value());
  }
};

constexpr Moment kMoments[] = {Moment::before_it_begins, Moment::in_an_attempt, Moment::in_a_race,
                               Moment::in_a_wait, Moment::in_the_second_wave};

TEST_SUITE("client/plan_abort") {
  TEST_CASE_FIXTURE(AbortFixture, "an aborted plan gives what was reached and calls nobody") {
    for (const Moment moment : kMoments) {
      CAPTURE(static_cast<int>(moment));
      SUBCASE(std::to_string(static_cast<int>(moment)).c_str()) {
        reach(moment);
        const Execution execution = call.abort();
        CHECK_FALSE(call.is_running());
        CHECK(execution.error()->code == Error::Code::cancelled);
        CHECK(execution.total >= Duration::zero());
        CHECK(events.empty() == (moment == Moment::before_it_begins));
        if (!events.empty()) CHECK(events.back().starts_with("after_execution_end"));
        for (const AttemptRecord& attempt : execution.attempts) CHECK(attempt.is_over);
        const bool is_between = moment == Moment::before_it_begins || moment == Moment::in_a_wait;
        CHECK((execution.error()->phase == Phase::none) == is_between);
        if (moment == Moment::in_a_race) CHECK(execution.attempts.size() == 2);
        if (moment == Moment::in_a_wait) CHECK(execution.waits.size() == 1);
        check_nothing_left();
      }
    }
  }

  TEST_CASE_FIXTURE(AbortFixture, "destroying a call in any state silences everything") {
    for (const Moment moment : kMoments) {
      CAPTURE(static_cast<int>(moment));
      SUBCASE(std::to_string(static_cast<int>(moment)).c_str()) {
        reach(moment);
        events.clear();
        call = PlanCall();
        CHECK(events.empty());
        check_nothing_left();
        CHECK(events.empty());
      }
    }
  }

  TEST_CASE_FIXTURE(AbortFixture, "aborting the client ends a plan and retries nothing") {
    reach(Moment::in_an_attempt);
    client->abort();
    REQUIRE(result.has_value());
    CHECK(code() == Error::Code::client_closed);
    CHECK(result->attempts.size() == 1);
  }

  TEST_CASE_FIXTURE(AbortFixture, "aborting the client ends a plan that waits behind its wait") {
    config.retry.wait = wait_fixed(20ms);
    answer({answer_with(503)});
    start(plan());
    loop.run_until([this] { return plans->stats().waiting == 1; });
    client->abort();
    loop.run_until([this] { return result.has_value(); });
    CHECK(code() == Error::Code::client_closed);
    CHECK(result->attempts.at(0).status() == 503);
    CHECK(result->attempts.size() == 2);
  }

  TEST_CASE_FIXTURE(AbortFixture, "closing the client starts no rival of an attempt under way") {
    server.on_connection().expect_head().wait(40ms).send(answer_with(200));
    Plan what = plan();
    what.race = RacePolicy{.schedule = race_after({10ms})};
    start(std::move(what));
    loop.run_until([this] { return plans->stats().attempts == 1; });
    client->close([] {});
    loop.run_until([this] { return result.has_value(); });
    CHECK(result->status() == 200);
    CHECK(result->attempts.size() == 1);
  }

  TEST_CASE_FIXTURE(AbortFixture, "closing the client leaves a plan the answer it gets") {
    server.on_connection().expect_head().wait(20ms).send(answer_with(503));
    start(plan());
    loop.run_until([this] { return plans->stats().attempts == 1; });
    client->close([] {});
    loop.run_until([this] { return result.has_value(); });
    CHECK(result->error() == nullptr);
    CHECK(result->status() == 503);
    CHECK(result->current().decision->veto == RetryDecision::Veto::local);
  }
}

}  // namespace
}  // namespace xtrace::testing::plan_abort_test
