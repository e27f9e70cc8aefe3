#include <set>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/central_sampler.h>

#include "central_fixture.h"

namespace xtrace::central_sampler_test {

using namespace std::chrono_literals;
using testing::answer;
using testing::CentralFixture;
using testing::request_line;
using testing::rule_record;
using testing::rules_reply;
using testing::targets_reply;

using Source = SamplingDecision::Source;

TEST_SUITE_BEGIN("instrument/central_sampler");

TEST_CASE_FIXTURE(CentralFixture,
                  "the fallback decides until the rules have come, which is at once") {
  answer(server, rules_reply(rule_record("all")));
  make();
  CHECK(decide().source == Source::fallback);
  CHECK_FALSE(sampler->stats().age.has_value());
  loop.run_until([this] { return sampler->stats().is_fresh; });
  CHECK(request_line(server.received()) == "POST /GetSamplingRules HTTP/1.1");
  const SamplingDecision decision = decide();
  CHECK(decision.source == Source::central);
  CHECK(decision.rule.text() == "all");
  CHECK(decision.reason == SamplingReason::borrowed);
  const CentralSamplerStats stats = sampler->stats();
  CHECK(stats.rules == 1);
  CHECK(stats.age == Duration::zero());
  CHECK(stats.polls == 1);
  CHECK(stats.failures == 0);
  CHECK_FALSE(stats.last_error.has_value());
}

TEST_CASE_FIXTURE(CentralFixture,
                  "rules that come in pages are in force when the last page is there") {
  answer(server, rules_reply(rule_record("a", "orders"), "page 2"));
  answer(server, rules_reply(rule_record("b", "users") + "," + R"({"SamplingRule":{}})"));
  make_with_rules();
  CHECK(testing::sent_json_of(server.received(1)).at("NextToken") == "page 2");
  CHECK(decide("orders").rule.text() == "a");
  CHECK(decide("users").rule.text() == "b");
  CHECK(sampler->stats().rules == 2);
  CHECK(sampler->stats().ignored.size() == 1);
}

TEST_CASE_FIXTURE(CentralFixture, "pages without end are a failure") {
  answer(server, rules_reply(rule_record("a"), "again"));
  config.first_retry = config.longest_retry = 1h;
  make();
  loop.run_until([this] { return sampler->stats().failures == 1; });
  CHECK(server.connections() == 100);
  CHECK(sampler->stats().last_error->code == Error::Code::invalid_reply);
  CHECK_FALSE(sampler->stats().is_fresh);
}

TEST_CASE_FIXTURE(CentralFixture,
                  "what was decided is reported and the quota that comes back counts") {
  answer(server, rules_reply(rule_record("all")));
  answer(server, targets_reply(R"({"RuleName":"all","FixedRate":0,"ReservoirQuota":2,
      "ReservoirQuotaTTL":)" + std::to_string(clock.epoch() + 100) +
                               "}"));
  make_with_rules();
  CHECK(decide().is_sampled);
  CHECK_FALSE(decide().is_sampled);
  let_interval_pass();
  run_until_connections(2);
  CHECK(request_line(server.received(1)) == "POST /SamplingTargets HTTP/1.1");
  REQUIRE(reported(1).size() == 1);
  const nlohmann::json statistics = reported(1).front();
  CHECK(statistics.at("RuleName") == "all");
  CHECK(statistics.at("RequestCount") == 2);
  CHECK(statistics.at("BorrowCount") == 1);
  CHECK(statistics.at("ClientID").get<std::string>().size() == 24);
  loop.run_until([this] { return sampler->stats().polls == 2; });
  CHECK(decide().reason == SamplingReason::quota);
  CHECK(decide().reason == SamplingReason::quota);
  CHECK_FALSE(decide().is_sampled);
  clock.move(200s);
  CHECK(decide().reason == SamplingReason::borrowed);
}

TEST_CASE_FIXTURE(CentralFixture, "nothing is reported where nothing was decided") {
  answer(server, rules_reply(rule_record("all")));
  make_with_rules();
  let_interval_pass();
  Timer later(loop);
  bool is_later = false;
  later.arm(20ms, [&is_later] { is_later = true; });
  loop.run_until([&is_later] { return is_later; });
  CHECK(server.connections() == 1);
}

TEST_CASE_FIXTURE(CentralFixture, "more than 25 statistics go in several requests") {
  std::string records;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "r" + std::to_string(i);
    records += (i == 0 ? "" : ",") + rule_record(name, name);
  }
  answer(server, rules_reply(records));
  answer(server, targets_reply());
  make_with_rules();
  for (int i = 0; i < 30; ++i) CHECK(decide("r" + std::to_string(i)).source == Source::central);
  config.targets_interval = 1h;
  let_interval_pass();
  run_until_connections(3);
  CHECK(reported(1).size() == 25);
  CHECK(reported(2).size() == 5);
  std::set<std::string> names;
  for (const std::size_t index : {1U, 2U}) {
    for (const auto& each : reported(index)) names.insert(each.at("RuleName"));
  }
  CHECK(names.size() == 30);
}

TEST_CASE_FIXTURE(CentralFixture, "statistics of a report that failed are in the next one") {
  answer(server, rules_reply(rule_record("all")));
  answer(server, "", "500 Oops");
  answer(server, "}{");
  answer(server, targets_reply());
  make_with_rules();
  for (int i = 0; i < 3; ++i) decide();
  let_interval_pass();
  run_until_connections(4);
  CHECK(reported(1).front().at("RequestCount") == 3);
  CHECK(reported(2).front().at("RequestCount") == 3);
  CHECK(reported(3).front().at("RequestCount") == 3);
  CHECK(sampler->stats().failures == 2);
}

TEST_CASE_FIXTURE(CentralFixture,
                  "statistics that the service could not take are in the next report") {
  answer(server, rules_reply(rule_record("a", "a") + "," + rule_record("b", "b")));
  answer(server, targets_reply("", 0, R"({"RuleName":"a","ErrorCode":"500","Message":"oops"})"));
  answer(server, targets_reply());
  make_with_rules();
  decide("a");
  decide("b");
  let_interval_pass();
  run_until_connections(3);
  CHECK(reported(1).size() == 2);
  REQUIRE(reported(2).size() == 1);
  CHECK(reported(2).front().at("RuleName") == "a");
  CHECK(sampler->stats().unprocessed == 1);
  CHECK(sampler->stats().last_error->message.find("rule \"a\": 500 oops") != std::string::npos);
}

TEST_CASE_FIXTURE(CentralFixture, "rules that were changed are fetched again") {
  answer(server, rules_reply(rule_record("old")));
  SUBCASE("as the time of the change tells") {
    answer(server, targets_reply("", clock.epoch() + 60));
  }
  SUBCASE("as a rule that the service does not know tells") {
    answer(server, targets_reply("", 0, R"({"RuleName":"old","ErrorCode":"400"})"));
  }
  answer(server, rules_reply(rule_record("new")));
  make_with_rules();
  decide();
  let_interval_pass();
  loop.run_until([this] { return decide().rule.text() == "new"; });
  CHECK(request_line(server.received(2)) == "POST /GetSamplingRules HTTP/1.1");
}

TEST_CASE_FIXTURE(CentralFixture, "rules are fetched again and again") {
  answer(server, rules_reply(rule_record("first")));
  answer(server, rules_reply(rule_record("second")));
  config.rules_interval = 1ms;
  make();
  loop.run_until([this] { return decide().rule.text() == "second"; });
  CHECK(sampler->stats().polls >= 2);
}

TEST_SUITE_END();

}  // namespace xtrace::central_sampler_test
