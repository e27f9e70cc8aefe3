#include <xtrace/plan_client.h>

#include "plan_fixture.h"

namespace xtrace::testing::plan_breaker_test {
namespace {

using Events = std::vector<std::string>;

struct BreakerFixture : PlanFixture {
  BreakerFixture() { break_after(2); }

  void break_after(std::size_t failures) {
    config.breakers = std::make_shared<CircuitBreakers>(
        BreakerConfig{.consecutive_failures = failures, .open_for = 10min});
    breakers = config.breakers;
  }

  Plan once() const {
    Plan what = plan();
    what.retry = RetryPolicy::never();
    return what;
  }
  BreakerStats stats(std::string_view bucket) const {
    return breakers->stats_of(bucket, tick_now()).value();
  }
  std::string origin() const { return "http://" + server.address().to_string(); }

  std::shared_ptr<CircuitBreakers> breakers;
};

TEST_SUITE("client/plan_breaker") {
  TEST_CASE_FIXTURE(BreakerFixture, "an open breaker fails at once and sends nothing") {
    answer({answer_with(500), answer_with(500), answer_with(200)});
    for (int i = 0; i < 2; ++i) CHECK(execute(once()).status() == 500);
    const std::string before = server.received();
    execute(once());
    CHECK(code() == Error::Code::breaker_open);
    CHECK(result->attempts.empty());
    CHECK(result->waves() == 0);
    CHECK(result->response() == nullptr);
    CHECK(server.received() == before);
    CHECK(plans->stats().breaker_refusals == 1);
    CHECK(stats(origin()).rejected == 1);
    CHECK(events.back() == "after_execution_end -1");
  }

  TEST_CASE_FIXTURE(BreakerFixture,
                    "a breaker that opens while a plan retries leaves its last answer") {
    answer({answer_with(503, "one"), answer_with(503, "two"), answer_with(200)});
    CHECK(execute(plan()).error() == nullptr);
    CHECK(result->response()->body == "two");
    CHECK(result->attempts.size() == 2);
    CHECK(result->current().decision->veto == RetryDecision::Veto::breaker);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "a breaker that opens during the wait leaves the last answer") {
    config.retry.wait = wait_fixed(20ms);
    answer({answer_with(503, "one"), answer_with(200)});
    Plan what = plan();
    what.handlers.wait_started.emplace_back([this](Execution&, const WaitRecord&) {
      breakers->force(origin(), BreakerConfig::Forced::open);
    });
    CHECK(execute(std::move(what)).error() == nullptr);
    CHECK(result->response()->body == "one");
    CHECK(result->waves() == 1);
    CHECK(result->waits.size() == 1);
    CHECK(result->current().decision->veto == RetryDecision::Veto::breaker);
    CHECK(events.back() == "after_execution_end 0");
    CHECK(plans->stats().retried == 0);
    CHECK(plans->stats().breaker_refusals == 1);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "every attempt counts by itself, not every plan") {
    break_after(3);
    answer({answer_with(503), answer_with(503), answer_with(503), answer_with(200)});
    CHECK(execute(plan()).status() == 503);
    CHECK(stats(origin()).opened == 1);
    CHECK(stats(origin()).allowed == 3);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "a breaker that is not closed vetoes rivals") {
    server.on_connection().expect_head().wait(40ms).send(answer_with(200));
    Plan what = once();
    what.race = RacePolicy{.schedule = race_after({5ms})};
    what.handlers.before_attempt.emplace_back(
        [this](Execution&) { breakers->force(origin(), BreakerConfig::Forced::open); });
    CHECK(execute(std::move(what)).attempts.size() == 1);
    CHECK(std::count(events.begin(), events.end(), "race_decided 1 breaker") == 1);
    CHECK(plans->stats().race_vetoes == 1);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "redundant and aborted attempts say nothing about the server") {
    server.on_connection().expect_head().silent();
    server.on_connection().expect_head().send(answer_with(200)).expect_head().silent();
    Plan what = once();
    what.race = RacePolicy{.schedule = race_after({5ms})};
    execute(std::move(what));
    CHECK(stats(origin()).calls == 1);
    start(once());
    loop.run_until([this] { return plans->stats().attempts == 1; });
    static_cast<void>(call.abort());
    start(once());
    loop.run_until([this] { return plans->stats().attempts == 1; });
    call = PlanCall();
    CHECK(stats(origin()).calls == 1);
    CHECK(stats(origin()).allowed == 4);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "what a hook refuses says nothing about the server") {
    config.request_hooks.emplace_back([](Request&, const Execution&) -> Expected<void> {
      return Error{Error::Code::connect_refused, Phase::none, "no token"};
    });
    for (int i = 0; i < 3; ++i) execute(once());
    CHECK(stats(origin()).calls == 0);
    CHECK(stats(origin()).state == BreakerState::closed);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "a target has a breaker of its own, or the caller names one") {
    answer({answer_with(200), answer_with(200), answer_with(200)});
    Plan what = once();
    what.target_id = "quotes";
    execute(std::move(what));
    CHECK(stats("quotes").allowed == 1);
    execute(once());
    CHECK(stats(origin()).allowed == 1);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "a plan that is changed between two runs changes its breaker") {
    answer({answer_with(200), answer_with(200), answer_with(200)});
    const auto what = std::make_shared<Plan>(once());
    const auto run = [this, &what] {
      result.reset();
      call = plan_client().execute(what, [this](Execution& e) { result = std::move(e); });
      loop.run_until([this] { return result.has_value(); });
    };
    run();
    what->target_id = "quotes";
    run();
    CHECK(stats("quotes").allowed == 1);
    what->target_id.clear();
    what->request.url = Url::parse("http://localhost:1/").value();
    run();
    CHECK(stats("http://localhost:1").allowed == 1);
    CHECK(stats(origin()).allowed == 1);
  }

  // One owner, as of plans that are kept in a table.
  TEST_CASE_FIXTURE(BreakerFixture, "plans that are owned together have each their own breaker") {
    answer({answer_with(200), answer_with(200)});
    const auto table = std::make_shared<std::vector<Plan>>(2, once());
    table->back().target_id = "quotes";
    for (const Plan& what : *table) {
      result.reset();
      call = plan_client().execute(std::shared_ptr<const Plan>(table, &what),
                                   [this](Execution& e) { result = std::move(e); });
      loop.run_until([this] { return result.has_value(); });
    }
    CHECK(stats(origin()).allowed == 1);
    CHECK(stats("quotes").allowed == 1);
  }

  TEST_CASE_FIXTURE(BreakerFixture, "a function of the caller's chooses the bucket") {
    config.bucket = [](const Execution& execution, std::string& bucket) {
      bucket = "route " + execution.plan->endpoint_template;
    };
    answer({answer_with(200)});
    Plan what = once();
    what.endpoint_template = "/quotes/{id}";
    execute(std::move(what));
    CHECK(stats("route /quotes/{id}").allowed == 1);
  }

  TEST_CASE_FIXTURE(BreakerFixture,
                    "a probe is told apart and closes the breaker when it does well") {
    config.breakers = breakers = std::make_shared<CircuitBreakers>(
        BreakerConfig{.consecutive_failures = 1, .open_for = 20ms});
    answer({answer_with(500), answer_with(200)});
    execute(once());
    loop.run_until([this] { return stats(origin()).state == BreakerState::half_open; });
    CHECK(execute(once()).current().is_probe);
    CHECK(stats(origin()).state == BreakerState::closed);
  }
}

}  // namespace
}  // namespace xtrace::testing::plan_breaker_test
