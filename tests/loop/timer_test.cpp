#include "loop/timer.h"

#include <memory>
#include <optional>
#include <utility>

#include <doctest/doctest.h>
#include <uv.h>

#include "loop/busy.h"
#include "support/test_loop.h"

namespace xtrace::timer_test {

using namespace std::chrono_literals;
using testing::stay_busy;
using testing::TestLoop;

TEST_SUITE_BEGIN("loop/timer");

TEST_CASE("a timer is never early, wherever in a millisecond it is armed") {
  TestLoop loop;
  Timer timer(loop);
  for (int step = 0; step < 40; ++step) {
    stay_busy(step * 37us);
    const Tick armed = std::chrono::steady_clock::now();
    std::optional<Tick> fired;
    timer.arm(2ms, [&] { fired = std::chrono::steady_clock::now(); });
    // Turns that do not wait: a wait would be rounded up and hide it.
    while (!fired && std::chrono::steady_clock::now() - armed < 5s) loop.spin(1);
    REQUIRE(fired);
    CHECK(*fired - armed >= 2ms);
    CHECK_FALSE(timer.is_armed());
  }
}

TEST_CASE("a timer armed at the end of a busy turn counts from then") {
  TestLoop loop;
  Timer timer(loop);
  Tick armed{};
  Tick fired{};
  loop.loop().post([&] {
    stay_busy(15ms);
    armed = std::chrono::steady_clock::now();
    timer.arm(10ms, [&] { fired = std::chrono::steady_clock::now(); });
  });
  loop.run_until([&] { return fired != Tick{}; });
  CHECK(fired - armed >= 10ms);
}

TEST_CASE("a timer without delay fires on a later turn") {
  TestLoop loop;
  Timer timer(loop);
  bool fired = false;
  timer.arm(-5ms, [&] { fired = true; });
  CHECK_FALSE(fired);
  loop.run_until([&] { return fired; });
}

TEST_CASE("arming an armed timer replaces what it waited for") {
  TestLoop loop;
  Timer timer(loop);
  int first = 0;
  int second = 0;
  timer.arm(1ms, [&] { ++first; });
  timer.arm(2ms, [&] { ++second; });
  loop.run_until([&] { return second == 1; });
  loop.spin();
  CHECK(first == 0);
}

TEST_CASE("a disarmed or destroyed timer calls nobody and drops its captures") {
  TestLoop loop;
  auto watched = std::make_shared<int>(0);
  auto timer = std::make_unique<Timer>(loop);
  timer->arm(1ms, [watched] { ++*watched; });
  SUBCASE("disarmed") {
    timer->disarm();
  }
  SUBCASE("destroyed") {
    timer.reset();
  }
  CHECK(watched.use_count() == 1);
  bool later = false;
  Timer other(loop);
  other.arm(5ms, [&] { later = true; });
  loop.run_until([&] { return later; });
  CHECK(*watched == 0);
}

TEST_CASE("a timer may be destroyed in its own callback") {
  TestLoop loop;
  auto timer = std::make_unique<Timer>(loop);
  bool fired = false;
  auto on_due = [&] {
    timer.reset();
    fired = true;
  };
  SUBCASE("once") {
    timer->arm(1ms, on_due);
  }
  SUBCASE("repeating") {
    timer->arm_every(1ms, on_due);
  }
  loop.run_until([&] { return fired; });
  loop.spin();
  CHECK(timer == nullptr);
}

TEST_CASE("a timer may be armed again, or disarmed, in its own callback") {
  TestLoop loop;
  Timer timer(loop);
  int first = 0;
  int second = 0;
  timer.arm_every(1ms, [&] {
    if (++first == 2) timer.arm(1ms, [&] { ++second; });
  });
  loop.run_until([&] { return second == 1; });
  CHECK(first == 2);
  CHECK_FALSE(timer.is_armed());

  int repeats = 0;
  timer.arm_every(1ms, [&] {
    if (++repeats == 3) timer.disarm();
  });
  loop.run_until([&] { return !timer.is_armed(); });
  loop.spin();
  CHECK(repeats == 3);
}

TEST_CASE("a repeating timer keeps its period without drifting, and is never early") {
  TestLoop loop;
  Timer timer(loop);
  const Tick armed = std::chrono::steady_clock::now();
  int fired = 0;
  timer.arm_every(3ms, [&] {
    ++fired;
    CHECK(timer.is_armed());
    CHECK(std::chrono::steady_clock::now() - armed >= fired * 3ms);
  });
  loop.run_until([&] { return fired == 8; });
}

TEST_CASE("a repeating timer whose callback outlasts its period lets the loop go on") {
  TestLoop loop;
  Timer timer(loop);
  int fired = 0;
  bool posted = false;
  timer.arm_every(1ms, [&] {
    stay_busy(2ms);
    if (++fired == 1) loop.loop().post([&] { posted = true; });
    if (fired == 50) timer.disarm();
  });
  loop.run_until([&] { return posted; });
  CHECK(fired < 50);
}

TEST_CASE("a timer that waits for ever does not overflow") {
  TestLoop loop;
  Timer timer(loop);
  bool fired = false;
  timer.arm(Duration::max(), [&] { fired = true; });
  loop.spin();
  CHECK(timer.is_armed());
  CHECK_FALSE(fired);
}

TEST_CASE("an unreferenced timer does not keep the loop alive") {
  Loop loop;
  Timer timer(loop);
  timer.unref();
  timer.arm(1h, [] {});
  const Tick begin = std::chrono::steady_clock::now();
  loop.run();
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(timer.is_armed());
}

TEST_SUITE_END();

}  // namespace xtrace::timer_test
