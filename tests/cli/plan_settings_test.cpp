#include "cli/plan_settings.h"

#include <doctest/doctest.h>

#include "command_line.h"

namespace plan_settings_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::milliseconds;
using std::chrono::seconds;
using xtrace::testing::parsed;

namespace {

Plan plan_of(std::initializer_list<std::string_view> words, std::string_view method = "GET") {
  Request request(*Url::parse("http://h/"));
  request.method = method;
  return make_plan(parsed(words), std::move(request));
}

/// An execution whose last attempt ended like this, the `ends`-th of all.
Execution ended(int status, std::optional<Error::Code> code = std::nullopt, int ends = 1) {
  Execution execution;
  execution.attempts.emplace_back();
  execution.attempt = 0;
  execution.attempt_ends = ends;
  Exchange& exchange = execution.attempts.front().exchange;
  if (status != 0) exchange.response = Response{.status = status};
  if (code) exchange.error = Error{*code, Phase::none, "it failed"};
  return execution;
}

}  // namespace

TEST_SUITE("cli/plan_settings") {
  TEST_CASE("without --retry nothing is tried again, and without --race nothing is raced") {
    const Plan plan = plan_of({"--attempt-timeout", "1", "u"});
    CHECK_FALSE(plan.retry->decide(ended(503)));
    CHECK_FALSE(plan.retry->decide(ended(0, Error::Code::connect_refused)));
    CHECK_FALSE(plan.race->schedule(ended(0)).has_value());
  }

  TEST_CASE("--retry tries N times what may pass by itself") {
    const Plan plan = plan_of({"--retry", "2", "u"});
    for (const int status : {429, 502, 503, 504}) CHECK(plan.retry->decide(ended(status)));
    for (const int status : {200, 404, 500}) CHECK_FALSE(plan.retry->decide(ended(status)));
    CHECK(plan.retry->decide(ended(0, Error::Code::connect_refused)));
    CHECK(plan.retry->decide(ended(503, std::nullopt, 2)));
    CHECK_FALSE(plan.retry->decide(ended(503, std::nullopt, 3)));
  }

  TEST_CASE("--retry-on takes the place of the default") {
    const Plan plan = plan_of({"--retry", "2", "--retry-on", "404,timeout", "u"});
    CHECK(plan.retry->decide(ended(404)));
    CHECK_FALSE(plan.retry->decide(ended(503)));
    CHECK(plan.retry->decide(ended(0, Error::Code::attempt_timeout)));
    CHECK_FALSE(plan.retry->decide(ended(0, Error::Code::connect_refused)));
  }

  TEST_CASE("an answer that was cut counts as the failure and not as its status") {
    const Plan plan = plan_of({"--retry", "2", "--retry-on", "200,dns", "u"});
    CHECK_FALSE(plan.retry->decide(ended(200, Error::Code::body_cut)));
  }

  TEST_CASE("--backoff waits the same time always, or a part of a growing one") {
    CHECK(plan_of({"--retry", "1", "--backoff", "70ms", "u"}).retry->wait(ended(503)) ==
          milliseconds(70));
    CHECK(plan_of({"--retry", "1", "--backoff", "0", "u"}).retry->wait(ended(503)) == Duration{});
    const Plan grows = plan_of({"--retry", "1", "--backoff", "10ms..20ms", "u"});
    for (int i = 0; i < 50; ++i) CHECK(grows.retry->wait(ended(503)) < milliseconds(20));
  }

  TEST_CASE("Retry-After counts with --retry-after alone, up to a minute") {
    Execution execution = ended(503);
    execution.attempts.front().is_over = true;
    execution.attempts.front().exchange.response->headers.set("Retry-After", "30");
    const auto wait = [&execution](std::initializer_list<std::string_view> words) {
      return plan_of(words).retry->wait(execution);
    };
    CHECK(wait({"--retry", "1", "--backoff", "1ms", "u"}) == milliseconds(1));
    CHECK(wait({"--retry", "1", "--backoff", "1ms", "--retry-after", "u"}) == seconds(30));
    execution.attempts.front().exchange.response->headers.set("Retry-After", "3600");
    CHECK(wait({"--retry", "1", "--backoff", "1ms", "--retry-after", "u"}) == seconds(60));
  }

  TEST_CASE("-m limits the plan and not its attempts") {
    const GetOptions options = parsed({"-m", "3", "--retry", "1", "u"});
    CHECK(make_plan(options, Request(*Url::parse("http://h/"))).deadline == seconds(3));
    CHECK(fit_client(options).timeouts.total == Duration{});
    CHECK(fit_client(parsed({"-m", "3", "--pool", "2", "u"})).timeouts.total == seconds(3));
    CHECK(fit_client(parsed({"--pool", "2", "u"})).pool.connections_per_host == 2);
  }

  TEST_CASE("an attempt has no limit unless --attempt-timeout sets one") {
    CHECK_FALSE((*plan_of({"--retry", "1", "u"}).timeout)(Execution{}).has_value());
    CHECK((*plan_of({"--attempt-timeout", "40ms", "u"}).timeout)(Execution{}) == milliseconds(40));
    CHECK_FALSE((*plan_of({"--attempt-timeout", "0", "u"}).timeout)(Execution{}).has_value());
  }

  TEST_CASE("a POST is repeated where the command vouches for it") {
    CHECK_FALSE(is_repeatable(plan_of({"--retry", "1", "u"}, "POST")));
    CHECK(is_repeatable(plan_of({"--retry", "1", "--repeat-any-method", "u"}, "POST")));
    CHECK(explain_single_attempt(plan_of({"--retry", "1", "u"}, "POST")) ==
          "POST is sent once, for the server might do it twice; --repeat-any-method sends it again "
          "all the same");
    CHECK(explain_single_attempt(plan_of({"--retry", "1", "u"}, "PUT")).empty());
  }

  TEST_CASE("the breaker opens at the last of its failures, however many successes are between") {
    CircuitBreakers breakers(make_breaker_config({.failures = 3, .within = seconds(30)}));
    const Tick begin = Tick(seconds(1000));
    const auto call = [&](int status, Duration at) {
      AttemptRecord attempt;
      attempt.is_over = true;
      attempt.exchange.response = Response{.status = status};
      auto permit = breakers.allow("h", begin + at);
      REQUIRE(permit);
      attempt.is_probe = permit->is_probe();
      breakers.report(std::move(permit).value(), default_verdict(attempt), Duration{}, begin + at);
    };
    for (int i = 0; i < 50; ++i) call(200, seconds(1));
    call(503, seconds(1));
    call(503, seconds(2));
    for (int i = 0; i < 50; ++i) call(200, seconds(2));
    CHECK(breakers.is_closed("h", begin + seconds(2)));
    call(503, seconds(3));
    CHECK_FALSE(breakers.allow("h", begin + seconds(3)).has_value());
    call(200, seconds(8));  // the probe
    CHECK(breakers.is_closed("h", begin + seconds(8)));
  }

  TEST_CASE("failures that are further apart do not open the breaker") {
    CircuitBreakers breakers(make_breaker_config({.failures = 2, .within = seconds(10)}));
    const Tick begin = Tick(seconds(1000));
    for (int i = 0; i < 5; ++i) {
      const Tick at = begin + seconds(15) * i;
      auto permit = breakers.allow("h", at);
      REQUIRE(permit);
      breakers.report(std::move(permit).value(), BreakerVerdict::failure, Duration{}, at);
    }
    CHECK(breakers.is_closed("h", begin + seconds(60)));
    CHECK(check_config(make_breaker_config({.failures = 2, .within = seconds(10)})));
    CHECK(check_config(make_breaker_config({.failures = 1, .within = milliseconds(1)})));
    CHECK(check_config(make_breaker_config({.failures = 1, .within = std::chrono::hours(80)})));
  }
}

}  // namespace plan_settings_test
