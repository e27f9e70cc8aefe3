#include <xtrace/plan_client.h>

#include "plan_fixture.h"

namespace xtrace::testing::plan_limits_test {
namespace {

using Events = std::vector<std::string>;

bool has(const Events& events, std::string_view event) {
  return std::find(events.begin(), events.end(), event) != events.end();
}

TEST_SUITE("client/plan_limits") {
  TEST_CASE_FIXTURE(PlanFixture,
                    "an attempt that takes too long ends as a timeout and is retried") {
    server.on_connection().expect_head().silent();
    answer({answer_with(200)});
    config.timeout = timeout_fixed(30ms);
    CHECK(execute(plan()).status() == 200);
    const AttemptRecord& late = result->attempts[0];
    CHECK(late.error()->code == Error::Code::attempt_timeout);
    CHECK(late.error()->message == "timed out waiting for the first byte (attempt limit 30 ms)");
    CHECK(late.timeout == Duration(30ms));
    CHECK(late.duration() >= 30ms);
    CHECK(late.exchange.timeline.find(Phase::response)->outcome == Outcome::timeout);
    CHECK(result->attempt_timeouts == 1);
    CHECK(has(events, "after_attempt_timeout 0"));
    CHECK_FALSE(result->attempts[1].exchange.timeline.reused);
  }

  // Facts A11: httpx's clock includes the handlers.
  TEST_CASE_FIXTURE(PlanFixture, "the handlers of before_attempt are not on the attempt's clock") {
    server.on_connection().expect_head().wait(10ms).send(answer_with(200));
    config.timeout = timeout_fixed(60ms);
    Plan what = plan();
    what.handlers.before_attempt.emplace_back([](Execution&) {
      const Tick until = tick_now() + 80ms;
      while (tick_now() < until) {
      }
    });
    CHECK(execute(std::move(what)).status() == 200);
    CHECK(result->attempts.size() == 1);
  }

  TEST_CASE_FIXTURE(PlanFixture, "a deadline that strikes in an attempt ends it and the plan") {
    server.on_connection().expect_head().silent();
    Plan what = plan();
    what.deadline = 40ms;
    what.timeout = timeout_infinite();
    execute(std::move(what));
    CHECK(code() == Error::Code::plan_timeout);
    CHECK(result->error()->message == "timed out waiting for the first byte (plan limit 40 ms)");
    CHECK(result->is_plan_timeout());
    CHECK(plans->stats().plan_timeouts == 1);
    CHECK(result->attempts.size() == 1);
    CHECK(result->attempt_timeouts == 1);
    CHECK(events == Events{"before_execution_start -1", "before_attempt 0",
                           "after_attempt_timeout 0", "after_attempt 0", "retry_decided 0 deadline",
                           "after_plan_timeout 0", "after_execution_end 0"});
  }

  TEST_CASE_FIXTURE(PlanFixture,
                    "a deadline that strikes in a wait keeps the last answer readable") {
    answer({answer_with(503, "late")});
    Plan what = plan();
    what.deadline = 40ms;
    config.retry.wait = wait_fixed(10s);
    execute(std::move(what));
    CHECK(code() == Error::Code::plan_timeout);
    CHECK(result->error()->message == "timed out waiting to try again (plan limit 40 ms)");
    CHECK(result->status() == 503);
    CHECK(plans->stats().plan_timeouts == 1);
    CHECK(result->waits.front().end < 10s);
    CHECK(events == Events{"before_execution_start -1", "before_attempt 0", "before_read_body 0",
                           "after_attempt 0", "retry_decided 0 none", "wait_started backoff",
                           "wait_ended", "after_plan_timeout 0", "after_execution_end 0"});
  }

  TEST_CASE_FIXTURE(PlanFixture,
                    "a deadline ends every attempt of a race and makes none redundant") {
    server.on_connection().expect_head().silent();
    Plan what = plan();
    what.deadline = 60ms;
    what.race = RacePolicy{.schedule = race_after({10ms})};
    execute(std::move(what));
    CHECK(code() == Error::Code::plan_timeout);
    REQUIRE(result->attempts.size() == 2);
    for (const AttemptRecord& attempt : result->attempts) {
      CHECK(attempt.error()->code == Error::Code::plan_timeout);
      CHECK_FALSE(attempt.is_redundant);
    }
    CHECK(result->attempt == 0);
  }

  TEST_CASE_FIXTURE(PlanFixture, "a rival that the deadline ends has not won") {
    server.on_connection().expect_head().wait(30ms).send(answer_with(503));
    server.on_connection().expect_head().silent();
    Plan what = plan();
    what.deadline = 100ms;
    what.race = RacePolicy{.schedule = race_after({10ms})};
    execute(std::move(what));
    CHECK(code() == Error::Code::plan_timeout);
    CHECK(result->attempt == 1);
    CHECK(result->attempts[0].status() == 503);
    CHECK(plans->stats().rivals_won == 0);
    CHECK(plans->stats().plan_timeouts == 1);
  }

  TEST_CASE_FIXTURE(PlanFixture, "reading the TLS files is not on the first attempt's clock") {
    server.on_connection().close();
    client.emplace(loop, finalize_config(client_config).value());
    plans.emplace(*client);  // without handlers, whose time is none of the attempt's either
    Plan what = plan();
    what.request.url =
        Url::parse("https://127.0.0.1:" + std::to_string(what.request.url.port())).value();
    what.retry = RetryPolicy::never();
    execute(std::move(what));
    CHECK(result->attempts.at(0).started.tick > result->started.tick);
  }

  TEST_CASE_FIXTURE(PlanFixture, "a budget that is used up forbids the retry and is counted") {
    config.budget = {.share = 0, .minimum = 0};
    answer({answer_with(503)});
    CHECK(execute(plan()).status() == 503);
    CHECK(result->current().decision->veto == RetryDecision::Veto::budget);
    CHECK(plans->stats().budget_exhausted == 1);
  }

  TEST_CASE_FIXTURE(PlanFixture, "a retry that waits uses the budget up for everybody else") {
    config.budget = {.share = 0, .minimum = 1};
    config.retry.wait = wait_fixed(50ms);
    answer({answer_with(503), answer_with(503), answer_with(200)});
    std::optional<Execution> other;
    PlanCall second;
    Plan what = plan();
    what.handlers.wait_started.emplace_back([&](Execution&, const WaitRecord&) {
      CHECK(plans->stats().retries == 1);
      second =
          plans->execute(plan(), [&other](Execution& execution) { other = std::move(execution); });
    });
    CHECK(execute(std::move(what)).status() == 200);
    REQUIRE(other.has_value());
    CHECK(other->status() == 503);
    CHECK(other->current().decision->veto == RetryDecision::Veto::budget);
    CHECK(plans->stats().retries == 0);
  }

  TEST_CASE_FIXTURE(PlanFixture, "request hooks run in order before every physical request") {
    Events hooks;
    config.request_hooks.emplace_back([&hooks](Request& request, const Execution& execution) {
      hooks.push_back("a " + request.url.path() + " " + std::to_string(execution.attempt));
      request.headers.set("X-Hook", "a");
      return Expected<void>();
    });
    config.request_hooks.emplace_back([&hooks](Request& request, const Execution&) {
      hooks.push_back("b " + *request.headers.find("X-Hook"));
      return Expected<void>();
    });
    answer({answer_with(302, "", "Location: /next\r\n"), answer_with(503), answer_with(200)});
    CHECK(execute(plan("/first")).attempts.size() == 2);
    CHECK(hooks == Events{"a /first 0", "b a", "a /next 0", "b a", "a /first 1", "b a"});
  }

  TEST_CASE_FIXTURE(PlanFixture, "a request hook that fails sends nothing and is not tried again") {
    config.request_hooks.emplace_back([](Request&, const Execution&) -> Expected<void> {
      return Error{Error::Code::connect_refused, Phase::none, "no token"};
    });
    execute(plan());
    CHECK(result->error()->message == "no token");
    CHECK(result->attempts.size() == 1);
    CHECK(result->current().decision->veto == RetryDecision::Veto::local);
    CHECK(server.connections() == 0);
  }

  TEST_CASE_FIXTURE(PlanFixture, "response hooks see every response, redirects included") {
    Events hooks;
    config.response_hooks.emplace_back([&hooks](const Response& response, const Execution& e) {
      hooks.push_back(std::to_string(response.status) + " " + std::to_string(e.attempt));
    });
    answer({answer_with(302, "", "Location: /next\r\n"), answer_with(503), answer_with(200)});
    execute(plan());
    CHECK(hooks == Events{"302 0", "503 0", "200 1"});
  }
}

}  // namespace
}  // namespace xtrace::testing::plan_limits_test
