#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/client_metrics.h>

#include "client/plan_fixture.h"
#include "support/recording_sink.h"

namespace xtrace::testing::client_metrics_plan_test {
namespace {

const std::string kRequest = "toolkit.http.client.request.time";

struct MeasuredPlans : PlanFixture {
  RecordingSink sink;
  ClientMetrics metrics{sink, {.with_client_trace_metrics = true}};

  MeasuredPlans() {
    metrics.attach_to(config);
    config.target_id = "shop";
  }

  std::size_t requests(const std::string& reused, const std::string& status,
                       const std::string& status_class, const std::string& target = "shop") const {
    return sink
        .values(kRequest + "{method=GET,reused=" + reused + ",status=" + status +
                ",status_class=" + status_class + ",target_id=" + target + "}")
        .size();
  }
  double value(const std::string& key) const { return sink.value("xtrace." + key); }
};

TEST_SUITE("instrument/client_metrics_plan") {
  TEST_CASE_FIXTURE(MeasuredPlans, "every attempt is measured, and why it was tried again") {
    answer({answer_with(503), answer_with(429), answer_with(200, "ok")});
    CHECK(execute(plan()).status() == 200);
    CHECK(requests("false", "503", "5xx") == 1);
    CHECK(requests("true", "429", "4xx") == 1);
    CHECK(requests("true", "200", "2xx") == 1);
    CHECK(value("retries{reason=503,target_id=shop}") == 1);
    CHECK(value("retries{reason=429,target_id=shop}") == 1);
    CHECK(sink.recorded("xtrace.retries").size() == 2);
    const std::vector<double> waits =
        sink.values("xtrace.retry.wait.time{reason=backoff,target_id=shop}");
    REQUIRE(waits.size() == 2);
    CHECK(waits[0] >= 1);
    CHECK(sink.recorded("xtrace.retry.vetoes").empty());
    CHECK(sink.recorded("xtrace.races").empty());
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "a wait that the server asked for is told apart") {
    answer({answer_with(503, {}, "Retry-After: 0\r\n"), answer_with(200)});
    Plan what = plan();
    what.retry = RetryPolicy{.wait = wait_retry_after(1s, wait_fixed(1ms))};
    execute(std::move(what));
    CHECK(value("retry.wait.time{reason=retry_after,target_id=shop}") >= 0);
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "the target is the plan's, the client's, or the authority") {
    answer({answer_with(200), answer_with(200)});
    Plan what = plan();
    what.target_id = "bank";
    execute(std::move(what));
    CHECK(requests("false", "200", "2xx", "bank") == 1);
    execute(plan());
    CHECK(requests("true", "200", "2xx", "shop") == 1);
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "without any target the server's address stands for it") {
    config.target_id.clear();
    answer({answer_with(503), answer_with(200)});
    execute(plan());
    const std::string target = server.address().to_string();
    CHECK(requests("true", "200", "2xx", target) == 1);
    CHECK(value("retries{reason=503,target_id=" + target + "}") == 1);
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "what a handler made of an attempt is what is measured") {
    config.target_id.clear();
    answer({answer_with(200)});
    Plan what{Request(Url::parse("http://elsewhere.test/").value())};
    what.handlers.before_attempt.emplace_back([this](Execution& execution) {
      execution.request->method = "OPTIONS";
      execution.request->url = Url::parse(server.url("/")).value();
    });
    CHECK(execute(std::move(what)).status() == 200);
    CHECK(sink.recorded(kRequest) ==
          std::vector<std::string>{kRequest +
                                   "{method=OPTIONS,reused=false,status=200,status_class=2xx,"
                                   "target_id=" +
                                   server.address().to_string() + "}"});
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "an attempt that took too long is a timeout") {
    server.on_connection().expect_head().silent();
    answer({answer_with(200)});
    Plan what = plan();
    what.timeout = timeout_adaptive(30ms, {10s});
    execute(std::move(what));
    CHECK(requests("false", "timeout", "error") == 1);
    CHECK(requests("false", "200", "2xx") == 1);
    CHECK(value("retries{reason=timeout,target_id=shop}") == 1);
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "the loser of a race has no time and is counted") {
    server.on_connection().expect_head().silent();
    answer({answer_with(200)});
    Plan what = plan();
    what.race = RacePolicy{.schedule = race_after({10ms})};
    execute(std::move(what));
    CHECK(sink.recorded(kRequest) ==
          std::vector<std::string>{kRequest +
                                   "{method=GET,reused=false,status=200,status_class=2xx,"
                                   "target_id=shop}"});
    CHECK(sink.values("toolkit.http.client.tcp_connect.time{status=ok,target_id=shop}").size() ==
          2);
    CHECK(value("requests.abandoned{reason=redundant,target_id=shop}") == 1);
    CHECK(value("races{target_id=shop,veto=none}") == 1);
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "a rival that the starter holds back is counted by that") {
    server.on_connection().expect_head().wait(30ms).send(answer_with(200));
    Plan what = plan();
    what.race = RacePolicy{.schedule = race_after({5ms}), .start = start_never()};
    execute(std::move(what));
    CHECK(value("races{target_id=shop,veto=starter}") == 1);
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "a retry that is wanted and forbidden is counted by its veto") {
    answer({answer_with(503)});
    Plan what = plan();
    const char* veto = nullptr;
    SUBCASE("not repeatable") {
      what.request.method = "POST";
      veto = "not_repeatable";
    }
    SUBCASE("breaker") {
      config.breakers = std::make_shared<CircuitBreakers>(
          BreakerConfig{.consecutive_failures = 1},
          [this](const BreakerChange& change) { metrics.record(change); });
      veto = "breaker";
    }
    execute(std::move(what));
    CHECK(value(std::string("retry.vetoes{target_id=shop,veto=") + veto + "}") == 1);
    CHECK(sink.recorded("xtrace.retries").empty());
    CHECK(sink.recorded("xtrace.breaker.changes").size() ==
          (std::string_view(veto) == "breaker" ? 1 : 0));
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "redirects within an attempt are measured one by one") {
    answer({answer_with(302, {}, "Location: /b\r\n"), answer_with(200)});
    execute(plan("/a"));
    CHECK(requests("false", "302", "3xx") == 1);
    CHECK(requests("true", "200", "2xx") == 1);
    CHECK(result->attempts.size() == 1);
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "what a hook refuses is an error, what a breaker does is none") {
    SUBCASE("a hook") {
      config.request_hooks.emplace_back([](Request&, const Execution&) -> Expected<void> {
        return Error{Error::Code::invalid_request, Phase::none, "not today"};
      });
      execute(plan());
      CHECK(requests("false", "error", "error") == 1);
      CHECK(sink.recorded("toolkit.").size() == 1);
    }
    SUBCASE("a breaker") {
      config.breakers = std::make_shared<CircuitBreakers>(BreakerConfig{});
      config.bucket = [](const Execution&, std::string& bucket) { bucket = "all"; };
      config.breakers->force("all", BreakerConfig::Forced::open);
      execute(plan());
      CHECK(code() == Error::Code::breaker_open);
      CHECK(sink.recorded("toolkit.").empty());
      metrics.collect(*plans->config().breakers, result->present);
      metrics.collect(plans->stats());
      CHECK(value("breaker.rejected{bucket=all}") == 1);
      CHECK(value("plans.breaker_refusals") == 1);
    }
  }

  TEST_CASE_FIXTURE(MeasuredPlans, "an attempt that is aborted is given up") {
    server.on_connection().expect_head().silent();
    start(plan());
    loop.run_until([this] { return !server.received().empty(); });
    static_cast<void>(call.abort());
    CHECK(sink.recorded(kRequest).empty());
    CHECK(value("requests.abandoned{reason=cancelled,target_id=shop}") == 1);
  }
}

}  // namespace
}  // namespace xtrace::testing::client_metrics_plan_test
