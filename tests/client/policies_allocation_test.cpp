#include <doctest/doctest.h>

#include <xtrace/race_policy.h>

#include "client/literal_execution.h"
#include "support/count_allocations.h"

namespace policies_allocation_test {

using namespace xtrace;
using namespace xtrace::testing;

TEST_SUITE("client/policies_allocation") {
  TEST_CASE("deciding about a retry and its wait allocates nothing") {
    const RetryPolicy policy;
    const TimeoutPolicy timeout = timeout_adaptive(1s, {2s, 3s});
    const Execution execution = make_execution(
        {{.error = Error::Code::attempt_timeout},
         {.wave = 1, .status = 503, .retry_after = "Tue, 14 Nov 2023 22:13:30 GMT"}});
    CHECK(allocations_of([&] {
            for (int i = 0; i < 100; ++i) {
              static_cast<void>(policy.decide(execution));
              static_cast<void>(policy.wait(execution));
              static_cast<void>(timeout(execution));
            }
          }) == 0);
  }

  TEST_CASE("a throttle that is warm allocates nothing") {
    const RaceStarter start =
        start_throttled({{.attempts = 3, .period = 1s}, {.attempts = 50, .period = 1min}});
    Execution execution;
    const auto race = [&] {
      for (int i = 0; i < 500; ++i) {
        execution.present += 100ms;
        static_cast<void>(start(execution));
      }
    };
    race();
    CHECK(allocations_of(race) == 0);
  }

  TEST_CASE("a race by percentile that is warm allocates nothing") {
    const RacePolicy policy = race_percentile({.minimum_seen = 10, .window = 50});
    Execution named = make_execution({{.status = 200, .took = 5ms}});
    named.target_id = "a target whose name is longer than a small string";
    Execution lost =
        make_execution({{.error = Error::Code::redundant, .took = 9ms, .is_redundant = true}});
    lost.plan = make_plan("http://a.host.whose.name.is.longer.than.a.small.string.example:8080/");
    named.racing = lost.racing = 1;
    const auto race = [&] {
      for (int i = 0; i < 100; ++i) {
        for (const Execution* execution : {&named, &lost}) {
          static_cast<void>(policy.schedule(*execution));
          static_cast<void>(policy.start(*execution));
          policy.observe(*execution);
        }
      }
    };
    race();
    CHECK(allocations_of(race) == 0);
  }
}

}  // namespace policies_allocation_test
