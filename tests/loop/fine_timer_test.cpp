#include "loop/fine_timer.h"

#include <vector>

#include <doctest/doctest.h>

#include "support/test_loop.h"

namespace fine_timer_test {

using namespace xtrace;
using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST_SUITE("loop/fine_timer") {
  TEST_CASE("a fine timer is never early, also for less than a millisecond") {
    testing::TestLoop loop;
    for (const microseconds delay : {microseconds(50), microseconds(300), microseconds(2500)}) {
      bool is_due = false;
      FineTimer timer(loop.loop(), [&is_due] { is_due = true; });
      const Tick due = tick_now() + delay;
      timer.arm(due);
      loop.run_until([&is_due] { return is_due; });
      CHECK(tick_now() >= due);
    }
  }

  TEST_CASE("a moment that has passed is due at once, and each arming calls once") {
    testing::TestLoop loop;
    int calls = 0;
    FineTimer timer(loop.loop(), [&calls] { ++calls; });
    timer.arm(tick_now() - milliseconds(5));
    loop.run_until([&calls] { return calls == 1; });
    timer.arm(Tick{});
    loop.run_until([&calls] { return calls == 2; });
    bool is_later = false;
    Timer later(loop.loop());
    later.arm(milliseconds(5), [&is_later] { is_later = true; });
    loop.run_until([&is_later] { return is_later; });
    CHECK(calls == 2);
  }

  TEST_CASE("arming again replaces the moment, disarming forgets it") {
    testing::TestLoop loop;
    std::vector<Tick> calls;
    FineTimer timer(loop.loop(), [&calls] { calls.push_back(tick_now()); });
    const Tick second = tick_now() + milliseconds(8);
    timer.arm(tick_now() + milliseconds(1));
    timer.arm(second);
    loop.run_until([&calls] { return !calls.empty(); });
    CHECK(calls.front() >= second);
    timer.arm(tick_now() + milliseconds(1));
    timer.disarm();
    bool is_later = false;
    Timer later(loop.loop());
    later.arm(milliseconds(5), [&is_later] { is_later = true; });
    loop.run_until([&is_later] { return is_later; });
    CHECK(calls.size() == 1);
  }

  TEST_CASE("a fine timer may arm itself from its own call") {
    testing::TestLoop loop;
    int calls = 0;
    FineTimer* again = nullptr;
    FineTimer timer(loop.loop(), [&calls, &again] {
      if (++calls < 5) again->arm(tick_now() + microseconds(100));
    });
    again = &timer;
    timer.arm(tick_now());
    loop.run_until([&calls] { return calls == 5; });
    CHECK(calls == 5);
  }
}

}  // namespace fine_timer_test
