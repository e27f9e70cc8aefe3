
#include "plan_document.h"

namespace xtrace::testing::execution_recorder_test {
namespace {

using Names = std::vector<std::string>;

const Error kLost{Error::Code::redundant, Phase::body, "not needed: attempt 4 was final"};
const Error kLate{Error::Code::attempt_timeout, Phase::response,
                  "timed out waiting for the first byte (attempt limit 100 ms)"};

/// Facts B8 of httpx' racing example: five attempts in three waves.
Execution racing_example() {
  Execution execution = execution_of({
      {.wave = 0, .at = 0ms, .status = 503},
      {.wave = 1, .at = 40ms, .took = 100ms, .error = kLate, .is_reused = true},
      {.wave = 1, .at = 91ms, .status = 429},
      {.wave = 2,
       .at = 217ms,
       .took = 55ms,
       .status = 200,
       .error = kLost,
       .is_redundant = true,
       .is_reused = true},
      {.wave = 2, .at = 268ms, .status = 200},
  });
  execution.waits = {{.wave = 0, .planned = 36ms, .begin = 4ms, .end = 40ms},
                     {.wave = 1,
                      .reason = WaitRecord::Reason::retry_after,
                      .planned = 76ms,
                      .begin = 141ms,
                      .end = 217ms}};
  return execution;
}

}  // namespace

TEST_SUITE("instrument/execution_recorder") {
  TEST_CASE("an execution is its host, its attempts and waits in the order they happened") {
    const json host = host_of(racing_example());
    CHECK(host.at("name") == "shop:8080");
    CHECK(host.at("namespace") == "remote");
    CHECK(names_below(host) == Names{"Attempt:0", "backoff", "Attempt:1", "Attempt:2", "backoff",
                                     "Attempt:3", "Attempt:4"});
    CHECK(host.at("http").at("request").at("method") == "GET");
    CHECK(host.at("http").at("request").at("url") == "http://shop:8080/cart");
    CHECK(host.at("http").at("response").at("status") == 200);
    CHECK(flags_of(host).empty());
    CHECK_FALSE(host.contains("cause"));
    CHECK(offset_of(host, "end_time") == doctest::Approx(272).epsilon(0.001));
  }

  TEST_CASE("an attempt has its http block, its number and wave, its phases, and no namespace") {
    const json first = child_of(host_of(racing_example()), "Attempt:0");
    CHECK_FALSE(first.contains("namespace"));
    CHECK(first.at("http").at("request").at("url") == "http://shop:8080/cart");
    CHECK(first.at("http").at("response").at("status") == 503);
    CHECK(first.at("metadata").at("httpx") ==
          json{{"attempt", 0}, {"wave", 0}, {"redundant", false}});
    CHECK(names_below(first) == Names{"connect", "request", "response", "body"});
    CHECK(flags_of(first) == "fault");
    const json reused = child_of(host_of(racing_example()), "Attempt:1");
    CHECK(names_below(reused) == Names{"request", "response"});
  }

  TEST_CASE("4xx, 429, 5xx and timeouts mark their attempts by X-Ray's rule") {
    const json host = host_of(racing_example());
    const json late = child_of(host, "Attempt:1");
    CHECK(flags_of(late) == "fault");
    CHECK(late.at("cause").at("exceptions").at(0).at("type") == "attempt_timeout");
    CHECK(flags_of(child_of(late, "response")) == "fault");
    CHECK(flags_of(child_of(host, "Attempt:2")) == "error throttle");
    CHECK(flags_of(child_of(host, "Attempt:4")).empty());
  }

  // Facts B3: in httpx' plug-in every loser of a race is a fault.
  TEST_CASE("a redundant attempt is no fault, nor is any phase of it, and it tells why it ended") {
    const json lost = child_of(host_of(racing_example()), "Attempt:3");
    CHECK(lost.at("metadata").at("httpx").at("redundant") == true);
    CHECK(lost.at("metadata").at("httpx").at("outcome") == "not needed: attempt 4 was final");
    CHECK(lost.dump().find("\"fault\"") == std::string::npos);
    CHECK(lost.dump().find("\"cause\"") == std::string::npos);
    CHECK(lost.at("http").at("response").at("status") == 200);
  }

  // The head told 503, the body was on its way: what it would have become nobody waited for.
  TEST_CASE("a redundant attempt that was cut behind the head of a failure is no fault either") {
    const json host = host_of(execution_of({
        {.took = 50ms, .status = 503, .error = kLost, .is_redundant = true},
        {.at = 20ms, .status = 200},
    }));
    const json lost = child_of(host, "Attempt:0");
    CHECK(flags_of(lost).empty());
    CHECK(lost.at("http").at("response").at("status") == 503);
  }

  TEST_CASE("a loser that ended by itself keeps the flags of its status and its cause") {
    const json host = host_of(execution_of({
        {.status = 429, .is_redundant = true},
        {.error = Error{Error::Code::empty_reply, Phase::response, "no answer"},
         .is_redundant = true},
        {.status = 200},
    }));
    CHECK(flags_of(child_of(host, "Attempt:0")) == "error throttle");
    CHECK(flags_of(child_of(host, "Attempt:1")) == "fault");
    CHECK(flags_of(host).empty());
  }

  // Facts B3: httpx' plug-in records the number of the winner, which may not be the last.
  TEST_CASE("the attempts that were made are counted, whichever won") {
    Execution execution = execution_of({
        {.status = 200},
        {.at = 1ms, .error = kLost, .is_redundant = true},
        {.at = 2ms, .error = kLost, .is_redundant = true},
    });
    execution.attempt = 0;
    const json host = host_of(execution);
    CHECK(host.at("metadata").at("httpx") == json{{"attempts", 3}, {"waves", 1}});
    CHECK(host.at("http").at("response").at("status") == 200);
  }

  TEST_CASE("a wait tells after which wave it came, why, and how long it was meant to be") {
    const json host = host_of(racing_example());
    const json first = host.at("subsegments").at(1);
    CHECK(first.at("metadata").at("httpx") ==
          json{{"after_wave", 0}, {"reason", "backoff"}, {"planned_ms", 36.0}});
    CHECK(offset_of(first, "start_time") == doctest::Approx(4).epsilon(0.001));
    CHECK(offset_of(first, "end_time") == doctest::Approx(40).epsilon(0.001));
    CHECK(host.at("subsegments").at(4).at("metadata").at("httpx").at("reason") == "retry_after");
    CHECK(flags_of(first).empty());
  }

  TEST_CASE("only the final response marks the execution") {
    CHECK(flags_of(host_of(execution_of({{.status = 503}, {.wave = 1, .status = 404}}))) ==
          "error");
    CHECK(flags_of(host_of(execution_of({{.status = 404}, {.wave = 1, .status = 503}}))) ==
          "fault");
    CHECK(flags_of(host_of(execution_of({{.status = 503}, {.wave = 1, .status = 429}}))) ==
          "error throttle");
  }

  TEST_CASE("a deadline that strikes in a wait is the execution's fault, and told") {
    Execution execution = execution_of({{.status = 429}});
    execution.waits = {{.wave = 0, .planned = 1s, .begin = 4ms, .end = 50ms}};
    execution.total = 50ms;
    execution.failure =
        Error{Error::Code::plan_timeout, Phase::none, "timed out waiting to try again"};
    const json host = host_of(execution);
    CHECK(flags_of(host) == "error throttle fault");
    CHECK(host.at("cause").at("exceptions").at(0).at("type") == "plan_timeout");
    CHECK(host.at("metadata").at("httpx").at("plan_timeout") == true);
    CHECK(flags_of(child_of(host, "backoff")).empty());
    CHECK(flags_of(child_of(host, "Attempt:0")) == "error throttle");
  }

  TEST_CASE("an execution that an open breaker refused is a fault with its cause, and no attempt") {
    Execution execution = execution_of({});
    execution.failure =
        Error{Error::Code::breaker_open, Phase::none, "the breaker of shop is open"};
    const json host = host_of(execution);
    CHECK(flags_of(host) == "fault");
    CHECK(host.at("cause").at("exceptions").at(0).at("type") == "breaker_open");
    CHECK(host.at("http").at("request").at("url") == "http://shop:8080/cart");
    CHECK_FALSE(host.at("http").contains("response"));
    CHECK(host.at("metadata").at("httpx") == json{{"attempts", 0}, {"waves", 0}});
    CHECK_FALSE(host.contains("subsegments"));
  }

  TEST_CASE("target and endpoint are annotations where the plan has them") {
    Execution execution = execution_of({{.status = 200}});
    CHECK_FALSE(host_of(execution).contains("annotations"));
    Plan plan = *execution.plan;
    plan.endpoint_template = "/cart/{id}";
    execution.plan = std::make_shared<const Plan>(std::move(plan));
    execution.target_id = "shop";
    CHECK(host_of(execution).at("annotations") ==
          json{{"target_id", "shop"}, {"endpoint_template", "/cart/{id}"}});
  }

  // Facts B4: in httpx' plug-in a refused connection leaves `connect` pending, a late head
  // `response`.
  TEST_CASE("no child is left open, whatever ended the attempts") {
    check_no_open_child(host_of(racing_example()));
    Execution refused = execution_of(
        {{.error = Error{Error::Code::connect_refused, Phase::connect, "connection refused"}}});
    Timeline timeline;
    timeline.started = kBegan;
    timeline.total = 1ms;
    timeline.set(Phase::connect, {0ms, 1ms, Outcome::error});
    timeline.error = refused.attempts[0].exchange.error;
    refused.attempts[0].exchange.timeline = timeline;
    const json host = host_of(refused);
    check_no_open_child(host);
    CHECK(flags_of(child_of(child_of(host, "Attempt:0"), "connect")) == "fault");
  }

  TEST_CASE("neither query nor userinfo is in any part of the document") {
    const std::string text = document_of(racing_example()).dump();
    CHECK(text.find("secret") == std::string::npos);
    CHECK(text.find("token") == std::string::npos);
  }

  // The wall clock was set back an hour between the two.
  TEST_CASE("a step of the wall clock between two attempts moves none of them") {
    Execution execution = execution_of({{.status = 503}, {.wave = 1, .at = 40ms, .status = 200}});
    execution.attempts[1].started.wall -= 1h;
    execution.attempts[1].exchange.timeline.started.wall -= 1h;
    const json second = child_of(host_of(execution), "Attempt:1");
    CHECK(offset_of(second, "start_time") == doctest::Approx(40).epsilon(0.001));
    CHECK(offset_of(second, "end_time") == doctest::Approx(44).epsilon(0.001));
    CHECK(offset_of(child_of(second, "request"), "start_time") ==
          doctest::Approx(41).epsilon(0.001));
  }
}

}  // namespace xtrace::testing::execution_recorder_test
