#include <atomic>
#include <cmath>
#include <latch>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/race_policy.h>

#include "client/literal_execution.h"

namespace race_percentile_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

// An execution of which a racing policy is asked.
Execution racing(int attempts, std::string_view target = "shop") {
  Execution execution;
  execution.plan = make_plan();
  execution.target_id = target;
  execution.racing = attempts;
  return execution;
}

void see(const RacePolicy& policy, const EndedAttempt& ended, std::string_view target = "shop") {
  Execution execution = make_execution({ended});
  execution.target_id = target;
  policy.observe(execution);
}

void see(const RacePolicy& policy, int times, Duration took, std::string_view target = "shop") {
  for (int i = 0; i < times; ++i) see(policy, {.status = 200, .took = took}, target);
}

constexpr EndedAttempt lost(Duration took) {
  return {.error = Error::Code::redundant, .took = took, .is_redundant = true};
}

bool is_about(std::optional<Duration> delay, Duration expected) {
  return delay && *delay >= expected && *delay <= expected + expected / 64;
}

}  // namespace

TEST_SUITE("client/race_percentile") {
  TEST_CASE("nobody is raced before enough was seen") {
    const RacePolicy policy = race_percentile({});
    see(policy, 99, 5ms);
    CHECK_FALSE(policy.schedule(racing(1)).has_value());
    see(policy, 1, 5ms);
    CHECK(is_about(policy.schedule(racing(1)), 5ms));
  }

  TEST_CASE("a rival starts behind the percentile of the latest answers") {
    const RacePolicy policy =
        race_percentile({.percentile = 0.9, .minimum_seen = 10, .window = 20});
    see(policy, 9, 2ms);
    see(policy, 1, 80ms);
    CHECK(is_about(policy.schedule(racing(1)), 2ms));
    see(policy, 1, 90ms);
    CHECK(is_about(policy.schedule(racing(1)), 80ms));
    see(policy, 20, 3ms);
    CHECK(is_about(policy.schedule(racing(1)), 3ms));
  }

  TEST_CASE("a rival starts neither before the floor nor behind the ceiling") {
    const PercentileRace settings{.minimum_seen = 1, .window = 1, .floor = 10ms, .ceiling = 20ms};
    const RacePolicy policy = race_percentile(settings);
    see(policy, 1, 1ms);
    CHECK(policy.schedule(racing(1)) == 10ms);
    see(policy, 1, 15ms);
    CHECK(is_about(policy.schedule(racing(1)), 15ms));
    see(policy, 1, 1h);
    CHECK(policy.schedule(racing(1)) == 20ms);
  }

  TEST_CASE("a wave gets as many rivals as it may have") {
    const RacePolicy one = race_percentile({.minimum_seen = 1});
    const RacePolicy two = race_percentile({.minimum_seen = 1, .rivals = 2});
    const RacePolicy none = race_percentile({.minimum_seen = 1, .rivals = 0});
    for (const RacePolicy* policy : {&one, &two, &none}) see(*policy, 1, 5ms);
    CHECK(one.schedule(racing(1)).has_value());
    CHECK_FALSE(one.schedule(racing(2)).has_value());
    CHECK(two.schedule(racing(2)).has_value());
    CHECK_FALSE(two.schedule(racing(3)).has_value());
    CHECK_FALSE(none.schedule(racing(1)).has_value());
  }

  TEST_CASE("failures do not count, and statuses do") {
    const RacePolicy policy = race_percentile({.minimum_seen = 2});
    for (int i = 0; i < 10; ++i) {
      see(policy, {.error = Error::Code::attempt_timeout, .took = 5s});
      see(policy, {.error = Error::Code::connect_refused});
      see(policy, {.error = Error::Code::plan_timeout});
      see(policy, {.status = 200, .error = Error::Code::body_cut});
    }
    see(policy, {.status = 503, .took = 7ms});
    CHECK_FALSE(policy.schedule(racing(1)).has_value());
    see(policy, {.status = 200, .took = 7ms});
    CHECK(is_about(policy.schedule(racing(1)), 7ms));
  }

  TEST_CASE("an attempt that lost counts with the time it had taken") {
    const RacePolicy policy = race_percentile({.percentile = 0.5, .minimum_seen = 3, .window = 9});
    see(policy, 3, 10ms);
    for (int i = 0; i < 4; ++i) see(policy, lost(13ms));
    CHECK(is_about(policy.schedule(racing(1)), 13ms));
    for (int i = 0; i < 5; ++i) see(policy, lost(1ms));
    CHECK(is_about(policy.schedule(racing(1)), 1ms));
  }

  TEST_CASE("an attempt that ended by itself in the moment it lost counts with its time") {
    const RacePolicy policy = race_percentile({.minimum_seen = 1});
    see(policy, {.status = 200, .took = 8ms, .is_redundant = true});
    CHECK(is_about(policy.schedule(racing(1)), 8ms));
  }

  TEST_CASE("every target has a percentile of its own") {
    const RacePolicy policy = race_percentile({.minimum_seen = 1});
    see(policy, 1, 5ms, "shop");
    see(policy, 1, 50ms, "stock");
    CHECK(is_about(policy.schedule(racing(1, "shop")), 5ms));
    CHECK(is_about(policy.schedule(racing(1, "stock")), 50ms));
    CHECK_FALSE(policy.schedule(racing(1, "mail")).has_value());
  }

  TEST_CASE("without a target the origin's host and port tell answers apart") {
    const RacePolicy policy = race_percentile({.minimum_seen = 1});
    Execution seen = make_execution({{.status = 200, .took = 5ms}});
    seen.plan = make_plan("http://example.com:8080/a?b");
    policy.observe(seen);
    Execution asked = racing(1, "");
    asked.plan = make_plan("http://user:password@example.com:8080/c");
    CHECK(is_about(policy.schedule(asked), 5ms));
    asked.plan = make_plan("http://example.com:8081/a?b");
    CHECK_FALSE(policy.schedule(asked).has_value());
    asked.plan = make_plan("http://example.org:8080/a?b");
    CHECK_FALSE(policy.schedule(asked).has_value());
  }

  TEST_CASE("rivals are paid from an allowance that grows with every wave") {
    const RacePolicy policy = race_percentile({.percentile = 0.75, .minimum_seen = 1});
    int burst = 0;
    while (burst < 100 && policy.start(racing(1))) ++burst;
    CHECK(burst == 10);
    int started = 0;
    for (int wave = 0; wave < 1000; ++wave) {
      policy.schedule(racing(1));
      started += policy.start(racing(1)) ? 1 : 0;
    }
    CHECK(started == 312);  // 1000 times a quarter, and a quarter more
    CHECK(policy.start(racing(1, "another")));
  }

  TEST_CASE("a rival that the starter refuses costs nothing of the allowance") {
    bool allows = false;
    const RacePolicy policy =
        race_percentile({.start = RaceStarter([&allows](const Execution&) { return allows; })});
    for (int i = 0; i < 100; ++i) CHECK_FALSE(policy.start(racing(1)));
    allows = true;
    int burst = 0;
    while (burst < 100 && policy.start(racing(1))) ++burst;
    CHECK(burst == 10);
  }

  TEST_CASE("settings that make no sense are brought into their range") {
    const double nan = std::nan("");
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double percentile : {nan, -infinity, -1.0, 0.0, 1.0, 2.0, infinity}) {
      const RacePolicy policy = race_percentile({.percentile = percentile,
                                                 .minimum_seen = SIZE_MAX,
                                                 .window = 0,
                                                 .floor = Duration::max(),
                                                 .ceiling = Duration::min(),
                                                 .rivals = std::numeric_limits<int>::max()});
      see(policy, 1, 5ms);
      CHECK(policy.schedule(racing(1)) == Duration::max());
    }
    const RacePolicy negative = race_percentile({.minimum_seen = 0, .floor = Duration::min()});
    CHECK_FALSE(negative.schedule(racing(1)).has_value());
    see(negative, {.status = 200, .took = Duration::min()});
    CHECK(negative.schedule(racing(1)) == 0s);
  }

  TEST_CASE("threads share what was seen and the allowance through copies of the policy") {
    const RacePolicy policy = race_percentile({.percentile = 0.5, .minimum_seen = 1});
    std::atomic<int> started = 0;
    std::atomic<int> mistaken = 0;
    std::latch together(4);
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([copy = policy, &started, &mistaken, &together, i] {
          together.arrive_and_wait();
          const std::string own = "target " + std::to_string(i);
          for (int round = 0; round < 500; ++round) {
            see(copy, 1, 4ms);
            see(copy, 1, 1ms, own);
            if (!is_about(copy.schedule(racing(1, own)), 1ms)) ++mistaken;
            started += copy.start(racing(1)) ? 1 : 0;
          }
        });
      }
    }
    CHECK(started == 10);
    CHECK(mistaken == 0);
    CHECK(is_about(policy.schedule(racing(1)), 4ms));
  }
}

}  // namespace race_percentile_test
