#include "cli/slo.h"

#include <doctest/doctest.h>

namespace slo_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::milliseconds;

namespace {

std::string refusal_of(std::string_view text) {
  const auto goals = parse_slo(text);
  const auto* error = goals.if_error();
  return error == nullptr ? std::string() : error->message;
}

/// 10 ms waiting, first byte after 12, done after 20.
Exchange answered() {
  Exchange exchange;
  exchange.timeline.set(Phase::request, {milliseconds(0), milliseconds(2), Outcome::ok});
  exchange.timeline.set(Phase::response, {milliseconds(2), milliseconds(12), Outcome::ok});
  exchange.timeline.set(Phase::body, {milliseconds(12), milliseconds(20), Outcome::ok});
  exchange.timeline.total = milliseconds(20);
  exchange.response.emplace().status = 200;
  return exchange;
}

SloResult only_result(std::string_view goal, const Exchange& exchange) {
  const auto goals = parse_slo(goal);
  REQUIRE(goals);
  const auto results = judge_slo(*goals, exchange);
  REQUIRE(results.size() == 1);
  return results.front();
}

}  // namespace

TEST_SUITE("cli/slo") {
  TEST_CASE("goals are read with and without a statistic, several at once") {
    const auto goals = parse_slo("ttfb.p95=200ms,total=1s,wait.mean=0.05");
    REQUIRE(goals);
    REQUIRE(goals->size() == 3);
    CHECK((*goals)[0].metric == Metric::ttfb);
    CHECK((*goals)[0].statistic == Statistic::p95);
    CHECK((*goals)[0].limit == milliseconds(200));
    CHECK((*goals)[1].metric == Metric::total);
    CHECK((*goals)[1].statistic == Statistic::none);
    CHECK((*goals)[1].limit == milliseconds(1000));
    CHECK((*goals)[2].metric == Metric::response);
    CHECK((*goals)[2].key == "wait");
    CHECK((*goals)[2].limit == milliseconds(50));
  }

  TEST_CASE("what is no goal is refused with what would be one") {
    CHECK(refusal_of("total") ==
          "\"total\" is not KEY=TIME or KEY.STAT=TIME, as in ttfb.p95=200ms");
    CHECK(refusal_of("latency=1s").starts_with("\"latency\" is not one of queue, dns_wait"));
    CHECK(refusal_of("total.p75=1s") ==
          "\"p75\" is not one of min, p50, p90, p95, p99, max or mean");
    CHECK(refusal_of("total.=1s").starts_with("\"\" is not one of min"));
    CHECK(refusal_of("total=soon").starts_with("\"soon\" is not a time"));
    CHECK(refusal_of("total=0") == "\"total=0\" leaves no time at all");
    CHECK_FALSE(refusal_of("total=1s,").empty());
    CHECK_FALSE(refusal_of("").empty());
  }

  TEST_CASE("a request that took exactly the limit keeps it, one that took longer does not") {
    CHECK(only_result("total=20ms", answered()).ok);
    CHECK_FALSE(only_result("total=19.999ms", answered()).ok);
    CHECK(only_result("ttfb=12ms", answered()).ok);
    CHECK_FALSE(only_result("wait=9ms", answered()).ok);
    CHECK(only_result("wait=9ms", answered()).value == milliseconds(10));
  }

  TEST_CASE("a phase that did not happen keeps its goal and has no value") {
    const SloResult result = only_result("tls=1ms", answered());
    CHECK(result.ok);
    CHECK_FALSE(result.happened);
  }

  TEST_CASE("a request that failed keeps no goal of its total, however soon it failed") {
    Exchange exchange;
    exchange.timeline.total = milliseconds(1);
    exchange.error = Error{Error::Code::connect_refused, Phase::connect, "refused"};
    CHECK_FALSE(only_result("total=1s", exchange).ok);
    CHECK_FALSE(only_result("ttfb=1s", exchange).ok);
    CHECK_FALSE(only_result("ttfb=1s", exchange).happened);
  }

  TEST_CASE("the legs of a redirect are added up") {
    Exchange exchange = answered();
    const auto url = Url::parse("http://h/");
    REQUIRE(url);
    PastAttempt leg{.url = *url};
    leg.timeline = answered().timeline;
    exchange.timeline.started.tick = leg.timeline.started.tick + milliseconds(20);
    exchange.past.push_back(std::move(leg));
    CHECK(only_result("wait=1s", exchange).value == milliseconds(20));
    CHECK(only_result("total=1s", exchange).value == milliseconds(40));
    CHECK(only_result("ttfb=1s", exchange).value == milliseconds(32));
  }
}

}  // namespace slo_test
