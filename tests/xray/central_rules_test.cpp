#include "xray/central_rules.h"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "xray/central_fixture.h"

namespace xtrace::central_rules_test {

namespace {

using namespace std::chrono_literals;
using testing::Central;
using testing::rule;

}  // namespace

TEST_SUITE("xray/central_rules") {
  TEST_CASE("without rules nothing is decided") {
    Central central;
    CHECK_FALSE(central.rules.decide({}).has_value());
    CHECK_FALSE(central.rules.is_fresh());
    central.rules.replace({});
    CHECK_FALSE(central.rules.decide({}).has_value());
    CHECK_FALSE(central.rules.is_fresh());
    central.rules.replace({rule("a")});
    CHECK(central.rules.decide({}).has_value());
    CHECK(central.rules.is_fresh());
  }

  TEST_CASE("rules are asked by priority, then by name, and Default last") {
    Central central;
    std::vector<CentralRule> rules = {rule("b", 2), rule("Default", 1), rule("aa", 2),
                                      rule("a", 1)};
    std::string order;
    // Each turn asks who decides, and takes that rule away.
    while (!rules.empty()) {
      central.rules.replace(rules);
      const std::string name = central.decider({});
      order += name + " ";
      std::erase_if(rules, [&name](const CentralRule& each) { return each.name.text() == name; });
    }
    CHECK(order == "a aa b Default ");
  }

  TEST_CASE("a rule matches by all five attributes, and unknown ones match") {
    Central central;
    CentralRule picky = rule("picky", 1);
    picky.service_name = "shop";
    picky.service_type = "AWS::ECS::*";
    picky.host = "*.example.com";
    picky.http_method = "P?T";
    picky.url_path = "/cart/*";
    central.rules.replace({picky, rule("rest", 2)});
    const SamplingRequest good{.service_name = "Shop",
                               .service_type = "AWS::ECS::Container",
                               .host = "a.example.com",
                               .http_method = "put",
                               .url_path = "/cart/7"};
    CHECK(central.decider(good) == "picky");
    CHECK(central.decider({}) == "picky");
    CHECK(central.decider({.url_path = "/cart/"}) == "picky");
    for (std::string_view SamplingRequest::*field :
         {&SamplingRequest::service_name, &SamplingRequest::service_type, &SamplingRequest::host,
          &SamplingRequest::http_method, &SamplingRequest::url_path}) {
      SamplingRequest other = good;
      other.*field = "other";
      CHECK(central.decider(other) == "rest");
    }
    central.rules.replace({picky});
    CHECK_FALSE(central.rules.decide({.host = "x"}).has_value());
  }

  TEST_CASE("without a quota one request a second is borrowed, and the rest left to the rate") {
    Central central;
    CentralRule lender = rule("lender");
    lender.reservoir_size = 50;
    central.rules.replace({lender});
    CHECK(central.reason() == SamplingReason::borrowed);
    CHECK(central.reason() == SamplingReason::rate);
    central.advance(1s);
    CHECK(central.reason() == SamplingReason::borrowed);
    CHECK(central.reason() == SamplingReason::rate);
    CHECK(central.rules.take_due() ==
          std::vector<SamplingStatistics>{{RuleName("lender"), 4, 0, 2}});
  }

  TEST_CASE("a rule without a reservoir lends nothing") {
    Central central;
    central.rules.replace({rule("poor")});
    for (int i = 0; i < 3; ++i, central.advance(1s)) {
      CHECK(central.reason() == SamplingReason::rate);
    }
  }

  TEST_CASE("a quota is used up to its size each second while it is valid, then borrowed on") {
    Central central;
    CentralRule lender = rule("r");
    lender.reservoir_size = 50;
    central.rules.replace({lender});
    central.assign("r", 2, central.wall + 1s);
    for (int second = 0; second < 2; ++second, central.advance(1s)) {
      CHECK(central.reason() == SamplingReason::quota);
      CHECK(central.reason() == SamplingReason::quota);
      CHECK(central.reason() == SamplingReason::rate);
    }
    CHECK(central.reason() == SamplingReason::borrowed);
    CHECK(central.reason() == SamplingReason::rate);
    CHECK(central.rules.take_due() == std::vector<SamplingStatistics>{{RuleName("r"), 8, 7, 1}});
  }

  TEST_CASE("a quota of 0 lends nothing either") {
    Central central;
    CentralRule lender = rule("r");
    lender.reservoir_size = 50;
    central.rules.replace({lender});
    central.assign("r", 0, central.wall + 10s);
    CHECK(central.reason() == SamplingReason::rate);
  }

  TEST_CASE("a decision tells what decided, and the rate of the last target counts") {
    Central central;
    central.rules.replace({rule("checkout", 1, 0.25)});
    SamplingDecision decision = *central.rules.decide({});
    CHECK(decision.source == SamplingDecision::Source::central);
    CHECK(decision.rule.text() == "checkout");
    CHECK(decision.rate == 0.25);
    central.rules.apply({.targets = {{.rule = RuleName("checkout"), .fixed_rate = 1}}});
    decision = *central.rules.decide({});
    CHECK(decision.is_sampled);
    CHECK(decision.explain() == "sampled by rule \"checkout\": by chance, at a rate of 100 %");
  }

  TEST_CASE("rules older than an hour decide nothing, until they are fetched again") {
    Central central;
    central.rules.replace({rule("a")});
    central.advance(1h);
    CHECK(central.rules.is_fresh());
    CHECK(central.rules.decide({}).has_value());
    central.advance(1ns);
    CHECK_FALSE(central.rules.is_fresh());
    CHECK_FALSE(central.rules.decide({}).has_value());
    central.rules.replace({rule("a")});
    CHECK(central.rules.decide({}).has_value());
  }

  TEST_CASE("a rule keeps its statistics, its quota and its target's rate when rules are fetched") {
    Central central;
    CentralRule kept = rule("kept", 5, 0.5);
    central.rules.replace({kept, rule("gone", 6)});
    central.assign("kept", 1, central.wall + 1h);
    CHECK(central.reason() == SamplingReason::quota);
    kept.priority = 1;
    kept.url_path = "/a*";
    central.rules.replace({rule("new", 9), kept});
    CHECK(central.reason() == SamplingReason::rate);  // used up in this second
    CHECK(central.rules.decide({})->rate == 1);       // Central::assign says 1
    kept.fixed_rate = 0;
    central.rules.replace({kept});
    CHECK(central.rules.decide({})->rate == 0);
    CHECK(central.rules.take_due() == std::vector<SamplingStatistics>{{RuleName("kept"), 4, 3, 0}});
  }

  TEST_CASE("a rule that was removed begins anew when it comes back") {
    Central central;
    central.rules.replace({rule("a")});
    central.rules.decide({});
    central.rules.replace({rule("b")});
    central.rules.replace({rule("a")});
    CHECK(central.rules.take_due().empty());
  }

  TEST_CASE("of two rules with one name the first in order counts") {
    Central central;
    CentralRule other = rule("a", 1, 1);
    central.rules.replace({rule("a", 2, 0), other});
    CHECK(central.rules.decide({})->rate == 1);
    CHECK(central.rules.take_due().size() == 1);
    CHECK(central.rules.take_due().empty());
  }

  TEST_CASE("a client id is 24 hex digits, another one each time") {
    const std::string id = make_client_id();
    CHECK(id.size() == 24);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(make_client_id() != id);
  }
}

}  // namespace xtrace::central_rules_test
