#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "xray/central_fixture.h"
#include "xray/central_rules.h"

namespace xtrace::central_report_test {

namespace {

using namespace std::chrono_literals;
using testing::Central;
using testing::rule;

using Report = std::vector<SamplingStatistics>;

/// Asks for each of these rules once; a rule `n` matches the path `n`.
void decide_all(Central& central, const std::vector<CentralRule>& rules) {
  for (const CentralRule& each : rules) central.rules.decide({.url_path = each.url_path});
}

std::vector<CentralRule> numbered_rules(int count) {
  std::vector<CentralRule> rules;
  for (int i = 0; i < count; ++i) {
    const std::string name = std::to_string(100 + i);
    rules.push_back(rule(name));
    rules.back().url_path = name;
  }
  return rules;
}

}  // namespace

TEST_SUITE("xray/central_report") {
  TEST_CASE("a rule is reported when it was asked, and again when its interval has passed") {
    Central central;
    central.rules.replace({rule("a", 1, 1)});
    CHECK(central.rules.take_due().empty());
    central.rules.decide({});
    central.rules.decide({});
    CHECK(central.rules.take_due() == Report{{RuleName("a"), 2, 2, 0}});
    central.rules.decide({});
    central.advance(8s);
    CHECK(central.rules.take_due().empty());
    central.advance(2s);
    CHECK(central.rules.take_due() == Report{{RuleName("a"), 1, 1, 0}});
    central.advance(1h);
    CHECK(central.rules.take_due().empty());
  }

  TEST_CASE("the service sets the interval of each rule") {
    Central central;
    central.rules.replace({rule("a")});
    central.rules.decide({});
    CHECK(central.rules.take_due().size() == 1);
    central.rules.apply({.targets = {{.rule = RuleName("a"), .interval = 60s}}});
    central.rules.decide({});
    central.advance(50s);
    CHECK(central.rules.take_due().empty());
    central.advance(10s);
    CHECK(central.rules.take_due().size() == 1);
  }

  TEST_CASE("a timer that fires a little early does not cost a whole interval") {
    Central central;
    central.rules.replace({rule("a")});
    central.rules.decide({});
    central.rules.take_due();
    central.rules.decide({});
    central.advance(9999ms);
    CHECK(central.rules.take_due().size() == 1);
  }

  TEST_CASE("what a failed call gives back is reported at once, with what came since") {
    Central central;
    CentralRule lender = rule("a");
    lender.reservoir_size = 1;
    central.rules.replace({lender});
    central.rules.decide({});
    central.rules.decide({});
    const Report report = central.rules.take_due();
    CHECK(report == Report{{RuleName("a"), 2, 0, 1}});
    central.rules.decide({});
    central.rules.give_back(report);
    CHECK(central.rules.take_due() == Report{{RuleName("a"), 3, 0, 1}});
  }

  TEST_CASE("giving back what no rule did changes nothing that rules count") {
    Central central;
    central.rules.replace({rule("a")});
    central.rules.give_back(Report{{RuleName("b"), 5, 5, 0}});
    CHECK(central.rules.take_due().empty());
    central.rules.give_back(Report{{RuleName("a"), 1, 2, 3}});
    CHECK(central.rules.take_due() == Report{{RuleName("a"), 5, 2, 3}});
  }

  TEST_CASE("at most 25 rules are reported at once, and none waits for ever") {
    Central central;
    const std::vector<CentralRule> rules = numbered_rules(60);
    central.rules.replace(rules);
    std::vector<int> latest(60, 0);
    for (int turn = 1; turn <= 12; ++turn, central.advance(10s)) {
      decide_all(central, rules);
      const Report report = central.rules.take_due();
      CHECK(report.size() == CentralRules::kMostStatistics);
      for (const SamplingStatistics& each : report) {
        int& last = latest[std::stoul(std::string{each.rule.text()}) - 100];
        CHECK(turn - std::exchange(last, turn) <= 3);
      }
    }
    CHECK(*std::ranges::min_element(latest) >= 10);
  }

  TEST_CASE("rules are fetched again when they were changed since they were fetched") {
    Central central;
    central.rules.replace({rule("a")});
    const auto apply = [&central](WallTime modified) {
      return central.rules.apply({.last_modified = modified});
    };
    CHECK_FALSE(central.rules.apply({}));
    CHECK_FALSE(apply(central.wall - 1s));
    CHECK(apply(central.wall + 1s));
    CHECK(central.rules.apply({}));  // as long as nobody did
    central.rules.replace({rule("a")});
    CHECK_FALSE(central.rules.apply({}));
    CHECK_FALSE(apply(central.wall + 1s));
    CHECK(apply(central.wall + 2s));
  }

  TEST_CASE("a change in the second of the fetch counts, and times after it by themselves") {
    Central central;
    central.wall += 500ms;
    central.rules.replace({rule("a")});
    CHECK(central.rules.apply({.last_modified = central.wall - 500ms}));
    central.rules.replace({rule("a")});
    CHECK_FALSE(central.rules.apply({.last_modified = central.wall - 500ms}));
    // Our clock is an hour ahead of the service's.
    central.advance(1h);
    central.rules.replace({rule("a")});
    CHECK(central.rules.apply({.last_modified = central.wall - 30min}));
  }

  TEST_CASE("rules are fetched again when the service does not know what we spoke of") {
    Central central;
    central.rules.replace({rule("a")});
    CHECK_FALSE(central.rules.apply({.unprocessed = {{RuleName("a"), "500", "busy"}}}));
    CHECK(central.rules.apply({.unprocessed = {{RuleName("a"), "400", "no such rule"}}}));
    CHECK(UnprocessedStatistics{.code = "5xx"}.is_worth_repeating());
    CHECK_FALSE(UnprocessedStatistics{.code = "400"}.is_worth_repeating());
  }

  TEST_CASE("a target for a rule that is not there changes nothing") {
    Central central;
    central.rules.replace({rule("a", 1, 0.5)});
    CHECK_FALSE(central.assign("b", 5, central.wall + 10s));
    CHECK(central.rules.decide({})->rate == 0.5);
  }

  TEST_CASE("no decision is lost or counted twice while rules are reported and replaced") {
    constexpr std::uint64_t kEach = 20'000;
    constexpr int kThreads = 3;
    CentralRules rules;
    CentralRule lender = rule("a", 1, 0.5);
    lender.reservoir_size = 1;
    rules.replace({lender});
    std::atomic<std::uint64_t> sampled{0};
    std::atomic<int> running{kThreads};
    SamplingStatistics sum;
    const auto add_up = [&sum](const Report& report) {
      for (const SamplingStatistics& each : report) {
        if (each.requests < each.sampled + each.borrowed) FAIL_CHECK("more taken than asked");
        sum.requests += each.requests;
        sum.sampled += each.sampled;
        sum.borrowed += each.borrowed;
      }
    };
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&rules, &sampled, &running] {
          for (std::uint64_t each = 0; each < kEach; ++each) {
            sampled += rules.decide({.url_path = "/a"})->is_sampled ? 1U : 0U;
          }
          --running;
        });
      }
      for (int turn = 0; running > 0; ++turn) {
        lender.priority = static_cast<std::uint32_t>(1 + turn % 2);
        rules.replace({lender, rule("other", 3)});
        const auto until = now().wall + std::chrono::seconds(turn % 3);
        rules.apply({.targets = {{.rule = RuleName("a"),
                                  .fixed_rate = 0.5,
                                  .quota = 100,
                                  .quota_until = until,
                                  .interval = 1ns}}});
        const Report report = rules.take_due();
        if (turn % 2 == 0) {
          rules.give_back(report);
        } else {
          add_up(report);
        }
      }
    }
    rules.give_back(Report{{RuleName("a"), 0, 0, 0}});
    add_up(rules.take_due());
    CHECK(sum.requests == kEach * kThreads);
    CHECK(sum.sampled + sum.borrowed == sampled);
  }
}

}  // namespace xtrace::central_report_test
