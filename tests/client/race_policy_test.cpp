#include <atomic>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/race_policy.h>

#include "client/literal_execution.h"

namespace race_policy_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

Execution racing(int attempts) {
  Execution execution;
  execution.racing = attempts;
  return execution;
}

Execution at(Duration present) {
  Execution execution;
  execution.present = Tick(present);
  return execution;
}

}  // namespace

TEST_SUITE("client/race_policy") {
  TEST_CASE("each delay is the time from one start of the wave to the next") {
    const RaceSchedule schedule = race_after({250ms, 0ms, -1s, Duration::max()});
    CHECK(schedule(racing(1)) == 250ms);
    CHECK(schedule(racing(2)) == 0ms);
    CHECK(schedule(racing(3)) == 0ms);
    CHECK(schedule(racing(4)) == Duration::max());
    CHECK_FALSE(schedule(racing(5)).has_value());
    CHECK(schedule(racing(0)) == 250ms);
    CHECK_FALSE(race_after({})(racing(1)).has_value());
  }

  TEST_CASE("who never races considers no rival, and starts none") {
    CHECK_FALSE(RacePolicy::never().schedule(racing(1)).has_value());
    CHECK_FALSE(RacePolicy::never().start(racing(1)));
    CHECK_FALSE(start_never()(racing(1)));
    CHECK(start_always()(racing(1)));
  }

  TEST_CASE("a throttle lets so many start within its period") {
    const RaceStarter start = start_throttled({{.attempts = 2, .period = 1s}});
    CHECK(start(at(10s)));
    CHECK(start(at(10'500ms)));
    CHECK_FALSE(start(at(10'999ms)));
    CHECK(start(at(11s)));
    CHECK_FALSE(start(at(11'499ms)));
    CHECK(start(at(11'500ms)));
    CHECK(start(at(20s)));
    CHECK(start(at(20s)));
    CHECK_FALSE(start(at(20s)));
  }

  TEST_CASE("every limit of a throttle must allow a start") {
    const RaceStarter start =
        start_throttled({{.attempts = 5, .period = 1min}, {.attempts = 1, .period = 1s}});
    int started = 0;
    for (Duration present = 100s; present < 130s; present += 100ms) started += start(at(present));
    CHECK(started == 5);
    CHECK(start(at(160s)));
    CHECK_FALSE(start(at(160'500ms)));
  }

  TEST_CASE("a start that a later limit refuses uses up nothing of an earlier one") {
    const RaceStarter start =
        start_throttled({{.attempts = 2, .period = 1min}, {.attempts = 1, .period = 10s}});
    CHECK(start(at(100s)));
    for (int i = 0; i < 50; ++i) CHECK_FALSE(start(at(101s)));
    CHECK(start(at(110s)));
    CHECK_FALSE(start(at(159s)));
  }

  TEST_CASE("a throttle stays in bounds at every extreme") {
    struct Row {
      std::vector<RaceLimit> limits;
      bool first;
      bool second;
    };
    const std::vector<Row> rows = {
        {{}, true, true},
        {{{.attempts = 0, .period = 1s}}, false, false},
        {{{.attempts = 9, .period = 1s}, {.attempts = 0, .period = 0s}}, false, false},
        {{{.attempts = 1, .period = 0s}}, true, true},
        {{{.attempts = 1, .period = -1s}}, true, true},
        {{{.attempts = 1, .period = Duration::min()}}, true, true},
        {{{.attempts = 1, .period = Duration::max()}}, true, false},
        {{{.attempts = SIZE_MAX, .period = Duration::max()}}, true, true},
    };
    for (const Row& row : rows) {
      const RaceStarter start = start_throttled(row.limits);
      CHECK(start(at(1s)) == row.first);
      CHECK(start(at(1s)) == row.second);
    }
    const RaceStarter far = start_throttled({{.attempts = 1, .period = 1s}});
    CHECK(far(at(Duration::min())));
    CHECK(far(at(Duration::max())));
    CHECK_FALSE(far(at(Duration::min())));
  }

  TEST_CASE("a clock read late takes no place that was given to a later start") {
    const RaceStarter start = start_throttled({{.attempts = 2, .period = 1s}});
    CHECK(start(at(10s)));
    CHECK(start(at(9s)));
    CHECK_FALSE(start(at(10'500ms)));
    CHECK_FALSE(start(at(9'500ms)));
    CHECK(start(at(11s)));
  }

  TEST_CASE("copies of a throttle count together, in all threads") {
    const RaceStarter start = start_throttled({{.attempts = 100, .period = 1h}});
    std::atomic<int> started = 0;
    std::latch together(4);
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([copy = start, &started, &together] {
          together.arrive_and_wait();
          for (int present = 0; present < 2000; ++present)
            started += copy(at(std::chrono::milliseconds(present))) ? 1 : 0;
        });
      }
    }
    CHECK(started == 100);
  }
}

}  // namespace race_policy_test
