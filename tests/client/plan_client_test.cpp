#include <xtrace/plan_client.h>

#include "plan_fixture.h"

namespace xtrace::testing::plan_client_test {
namespace {

using Events = std::vector<std::string>;

TEST_SUITE("client/plan_client") {
  TEST_CASE_FIXTURE(PlanFixture, "an answer that needs no retry is the result of one attempt") {
    answer({answer_with(200, "ok")});
    const Execution& execution = execute(plan());
    CHECK(execution.error() == nullptr);
    CHECK(execution.status() == 200);
    CHECK(execution.response()->body == "ok");
    CHECK(execution.attempts.size() == 1);
    CHECK(execution.waves() == 1);
    CHECK(execution.attempt_ends == 1);
    CHECK(execution.waits.empty());
    CHECK(*execution.total >= execution.current().duration());
  }

  TEST_CASE_FIXTURE(PlanFixture, "a status is no error, whatever it is") {
    answer({answer_with(500)});
    const Execution& execution = execute(plan());
    CHECK(execution.error() == nullptr);
    CHECK(execution.status() == 500);
    CHECK(execution.current().decision->veto == RetryDecision::Veto::policy);
  }

  TEST_CASE_FIXTURE(PlanFixture, "every event of a retried plan comes in httpx's order") {
    answer({answer_with(503), answer_with(200, "ok")});
    CHECK(execute(plan()).status() == 200);
    CHECK(events == Events{"before_execution_start -1", "before_attempt 0", "before_read_body 0",
                           "after_attempt 0", "retry_decided 0 none", "wait_started backoff",
                           "wait_ended", "before_attempt 1", "before_read_body 1",
                           "after_attempt 1", "retry_decided 1 policy", "after_execution_end 1"});
    CHECK(result->waves() == 2);
    CHECK(result->attempts[1].wave == 1);
    CHECK(result->attempts[1].exchange.timeline.reused);
  }

  TEST_CASE_FIXTURE(PlanFixture, "the last answer is the result when retries are used up") {
    answer({answer_with(503, "a"), answer_with(503, "b")});
    Plan what = plan();
    what.retry =
        RetryPolicy{.decide = retry_times(1) && retry_statuses({503}), .wait = wait_fixed({})};
    CHECK(execute(std::move(what)).error() == nullptr);
    CHECK(result->status() == 503);
    CHECK(result->response()->body == "b");
    CHECK(result->attempts.front().exchange.response->body.empty());
  }

  // Facts A11: in httpx a wait of zero never ends.
  TEST_CASE_FIXTURE(PlanFixture, "a wait of zero ends on the next turn") {
    config.retry.wait = wait_fixed({});
    answer({answer_with(503), answer_with(200)});
    CHECK(execute(plan()).status() == 200);
    CHECK(result->waits.front().planned == Duration::zero());
  }

  TEST_CASE_FIXTURE(PlanFixture,
                    "a wait tells when it began, when it ended, and after which wave") {
    config.retry.wait = wait_fixed(20ms);
    answer({answer_with(503), answer_with(200)});
    execute(plan());
    REQUIRE(result->waits.size() == 1);
    const WaitRecord& wait = result->waits.front();
    CHECK(wait.wave == 0);
    CHECK(wait.planned == 20ms);
    CHECK(wait.end - wait.begin >= 20ms);
    CHECK(wait.begin >= result->attempts[0].duration());
    CHECK(result->attempts[1].started.tick - result->started.tick >= wait.end);
  }

  TEST_CASE_FIXTURE(PlanFixture,
                    "a server that says when to come back is waited for, and it shows") {
    config.retry = RetryPolicy();
    answer({answer_with(503, "", "Retry-After: 0\r\n"), answer_with(200)});
    CHECK(execute(plan()).status() == 200);
    CHECK(result->waits.front().reason == WaitRecord::Reason::retry_after);
  }

  TEST_CASE_FIXTURE(PlanFixture, "a server that asks for more than the cap is waited for so long") {
    config.retry.wait = wait_retry_after(1ms, wait_fixed(10s));
    answer({answer_with(503, "", "Retry-After: 120\r\n"), answer_with(200)});
    CHECK(execute(plan()).status() == 200);
    CHECK(result->waits.front().planned == 1ms);
    CHECK(result->waits.front().reason == WaitRecord::Reason::retry_after);
  }

  // Facts A11 and B5: httpx shares one header map between the plan and its attempts.
  TEST_CASE_FIXTURE(PlanFixture, "a handler replaces the request of one attempt and no other") {
    answer({answer_with(503), answer_with(200)});
    Plan what = plan("/a");
    what.handlers.before_attempt.emplace_back([](Execution& execution) {
      if (execution.attempt == 0) execution.request->headers.set("X-Once", "1");
    });
    const auto kept = std::make_shared<const Plan>(std::move(what));
    call = plan_client().execute(kept, [this](Execution& e) { result = std::move(e); });
    loop.run_until([this] { return result.has_value(); });
    const std::string received = server.received();
    const std::size_t second = received.find("GET", 1);
    CHECK(received.find("X-Once: 1") < second);
    CHECK(received.find("X-Once", second) == std::string::npos);
    CHECK_FALSE(kept->request.headers.contains("X-Once"));
  }

  TEST_CASE_FIXTURE(PlanFixture, "a handler may replace the plan before it starts") {
    answer({answer_with(200)});
    Plan what = plan("/asked");
    what.handlers.before_execution_start.emplace_back([this](Execution& execution) {
      Plan other = plan("/instead");
      other.target_id = "other";
      execution.plan = std::make_shared<const Plan>(std::move(other));
    });
    CHECK(execute(std::move(what)).status() == 200);
    CHECK(server.received().starts_with("GET /instead "));
    CHECK(result->target_id == "other");
  }

  TEST_CASE_FIXTURE(PlanFixture, "a plan without a target has the client's") {
    config.target_id = "shop";
    answer({answer_with(200), answer_with(200)});
    CHECK(execute(plan()).target_id == "shop");
    Plan what = plan();
    what.target_id = "own";
    CHECK(execute(std::move(what)).target_id == "own");
  }

  TEST_CASE_FIXTURE(PlanFixture, "a handler takes a body that is too large to keep") {
    std::string taken;
    answer({answer_with(200, "0123456789")});
    Plan what = plan();
    what.handlers.before_read_body.emplace_back([&taken](Execution& execution) {
      *execution.on_body = [&taken](std::span<const std::byte> piece) -> Expected<Flow> {
        taken.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return Flow::proceed;
      };
    });
    CHECK(execute(std::move(what)).response()->body.empty());
    CHECK(taken == "0123456789");
  }

  TEST_CASE_FIXTURE(PlanFixture, "a body that a handler pauses goes on when it is resumed") {
    std::string taken;
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        .wait(10ms)
        .send("56789");
    Plan what = plan();
    what.handlers.before_read_body.emplace_back([&taken](Execution& execution) {
      *execution.on_body = [&taken](std::span<const std::byte> piece) -> Expected<Flow> {
        taken.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return taken.size() < 10 ? Flow::pause : Flow::proceed;
      };
    });
    PlanCall().resume();
    start(std::move(what));
    call.resume();
    loop.run_until([&taken] { return taken == "01234"; });
    loop.spin();
    CHECK(taken == "01234");
    call.resume();
    loop.run_until([this] { return result.has_value(); });
    CHECK(taken == "0123456789");
    CHECK(result->error() == nullptr);
    call.resume();
  }

  TEST_CASE_FIXTURE(PlanFixture,
                    "a method that is not idempotent is sent once unless vouched for") {
    answer({answer_with(503), answer_with(200)});
    Plan what = plan();
    what.request.method = "POST";
    SUBCASE("by method") {
      CHECK(execute(std::move(what)).status() == 503);
      CHECK(result->current().decision->veto == RetryDecision::Veto::not_repeatable);
    }
    SUBCASE("by the plan") {
      what.repetition = Repetition::always;
      CHECK(execute(std::move(what)).status() == 200);
    }
    SUBCASE("by a key") {
      what.request.headers.set("Idempotency-Key", "7");
      CHECK(execute(std::move(what)).status() == 200);
    }
  }

  TEST_CASE_FIXTURE(PlanFixture, "a request that a handler made a POST of is sent once") {
    answer({answer_with(503), answer_with(200)});
    Plan what = plan();
    what.handlers.before_attempt.emplace_back(
        [](Execution& execution) { execution.request->method = "POST"; });
    CHECK(execute(std::move(what)).status() == 503);
    CHECK(result->current().decision->veto == RetryDecision::Veto::not_repeatable);
    CHECK(result->current().asked->first == "POST");
  }

  TEST_CASE_FIXTURE(PlanFixture, "a body that cannot be sent again is sent once") {
    answer({answer_with(503), answer_with(200)});
    Plan what = plan();
    what.request.method = "PUT";
    what.request.supply = file_body("/dev/null");
    what.request.supply->is_repeatable = false;
    CHECK(execute(std::move(what)).status() == 503);
  }

  TEST_CASE_FIXTURE(PlanFixture, "a connection that is refused is tried again") {
    Plan what(Request(Url::parse("http://127.0.0.1:1/").value()));
    what.retry = RetryPolicy{.decide = retry_times(2) && retry_transient(), .wait = wait_fixed({})};
    execute(std::move(what));
    CHECK(code() == Error::Code::connect_refused);
    CHECK(result->attempts.size() == 3);
  }

  TEST_CASE_FIXTURE(PlanFixture, "the same plan runs any number of times, in the same memory") {
    answer({answer_with(200), answer_with(503), answer_with(200), answer_with(200)});
    for (int i = 0; i < 3; ++i) CHECK(execute(plan()).status() == 200);
    CHECK(result->attempts.size() == 1);
    const PlanStats stats = plans->stats();
    CHECK(stats.executed == 3);
    CHECK(stats.attempted == 4);
    CHECK(stats.retried == 1);
    CHECK(stats.executions == 0);
    CHECK(stats.attempts == 0);
    CHECK(stats.retries == 0);
  }

  TEST_CASE_FIXTURE(PlanFixture, "on_done may start the next plan and destroy its own call") {
    answer({answer_with(200), answer_with(204)});
    int ends = 0;
    call = plan_client().execute(plan(), [this, &ends](const Execution& execution) {
      CHECK(execution.status() == 200);
      ++ends;
      call = plans->execute(plan(), [&ends](const Execution& next) {
        CHECK(next.status() == 204);
        ++ends;
      });
      CHECK(execution.status() == 200);
    });
    loop.run_until([&ends] { return ends == 2; });
  }

  TEST_CASE_FIXTURE(PlanFixture, "on_done may destroy the clients") {
    answer({answer_with(200)});
    bool is_done = false;
    call = plan_client().execute(plan(), [this, &is_done](const Execution& execution) {
      call = PlanCall();
      plans.reset();
      client.reset();
      is_done = execution.status() == 200;
    });
    loop.run_until([&is_done] { return is_done; });
  }
}

}  // namespace
}  // namespace xtrace::testing::plan_client_test
