#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <uv.h>

#include <xtrace/loop.h>

#include "loop/busy.h"
#include "loop/timer.h"
#include "support/test_loop.h"

namespace xtrace {

using namespace std::chrono_literals;
using testing::stay_busy;
using testing::TestLoop;

TEST_SUITE_BEGIN("loop/loop");

TEST_CASE("a posted task runs on a later turn, on the loop's thread, in the order of posting") {
  TestLoop loop;
  std::vector<int> order;
  bool was_loop_thread = false;
  loop.loop().post([&] {
    was_loop_thread = loop.loop().is_loop_thread();
    order.push_back(1);
    loop.loop().post([&] { order.push_back(3); });
    CHECK(order.size() == 1);
  });
  loop.loop().post([&] { order.push_back(2); });
  CHECK(order.empty());
  loop.run_until([&] { return order.size() == 3; });
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(was_loop_thread);
}

TEST_CASE("1000 tasks posted from four threads all run, each thread's in its order") {
  constexpr int kThreads = 4;
  constexpr int kTasks = 250;
  TestLoop loop;
  std::vector<std::vector<int>> arrived(kThreads);
  int total = 0;
  std::vector<std::thread> threads;
  for (int poster = 0; poster < kThreads; ++poster) {
    threads.emplace_back([&, poster] {
      for (int task = 0; task < kTasks; ++task) {
        loop.loop().post([&, poster, task] {
          arrived[static_cast<std::size_t>(poster)].push_back(task);
          ++total;
        });
      }
    });
  }
  loop.run_until([&] { return total == kThreads * kTasks; });
  for (std::thread& thread : threads) thread.join();
  std::vector<int> in_order(kTasks);
  for (int task = 0; task < kTasks; ++task) in_order[static_cast<std::size_t>(task)] = task;
  for (const std::vector<int>& tasks : arrived) CHECK(tasks == in_order);
}

TEST_CASE("a task's captures die before the next task runs") {
  TestLoop loop;
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  bool done = false;
  loop.loop().post([owned = std::move(owned)] {});
  loop.loop().post([&] {
    CHECK(watched.expired());
    done = true;
  });
  loop.run_until([&] { return done; });
}

TEST_CASE("what the loop's thread posts runs though nothing else keeps the loop alive") {
  Loop loop;
  int runs = 0;
  loop.post([&] {
    ++runs;
    loop.post([&] { ++runs; });
  });
  loop.run();
  CHECK(runs == 2);
}

TEST_CASE("a loop that dies destroys the tasks that never ran, and the handles they own") {
  auto watched = std::make_shared<int>(1);
  {
    Loop loop;
    loop.post(
        [timer = std::make_unique<Timer>(loop), kept = watched] { FAIL("the loop is gone"); });
  }
  CHECK(watched.use_count() == 1);
}

TEST_CASE("run_until gives up at its deadline and not before") {
  Loop loop;
  const Tick begin = std::chrono::steady_clock::now();
  CHECK_FALSE(loop.run_until([] { return false; }, 20ms));
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
  CHECK(loop.run_until([] { return true; }, Duration::max()));
}

TEST_CASE("a loop knows its own thread") {
  Loop loop;
  CHECK(loop.is_loop_thread());
  bool elsewhere = true;
  std::thread([&] { elsewhere = loop.is_loop_thread(); }).join();
  CHECK_FALSE(elsewhere);
}

TEST_CASE("a borrowed loop runs our tasks and is not kept alive by us") {
  uv_loop_t host;
  REQUIRE(uv_loop_init(&host) == 0);
  {
    const std::unique_ptr<Loop> loop = Loop::borrow(&host);
    CHECK(loop->handle() == &host);
    const Tick begin = std::chrono::steady_clock::now();
    CHECK(uv_run(&host, UV_RUN_DEFAULT) == 0);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    bool ran = false;
    loop->post([&] { ran = true; });
    CHECK(uv_run(&host, UV_RUN_DEFAULT) == 0);
    CHECK(ran);
  }
  uv_run(&host, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&host) == 0);
}

TEST_CASE("the delay shows a busy callback, and only to those who waited for it") {
  TestLoop loop;
  const Tick begin = std::chrono::steady_clock::now();
  Duration inside{};
  loop.loop().post([&] {
    stay_busy(20ms);
    inside = loop.loop().delay_since(begin);
  });
  loop.run_until([&] { return inside > Duration::zero(); });
  loop.spin();
  CHECK(inside >= 20ms);
  const Duration outside = loop.loop().delay_since(begin);
  CHECK(outside >= inside);
  CHECK(outside <= std::chrono::steady_clock::now() - begin);

  const Tick after = std::chrono::steady_clock::now();
  loop.spin();
  const Duration unbothered = loop.loop().delay_since(after);
  CHECK(unbothered <= std::chrono::steady_clock::now() - after);
}

TEST_CASE("the delay counts only the part of a turn after the asked moment") {
  TestLoop loop;
  Tick middle{};
  loop.loop().post([&] {
    stay_busy(20ms);
    middle = std::chrono::steady_clock::now();
    stay_busy(5ms);
  });
  loop.run_until([&] { return middle != Tick{}; });
  loop.spin();
  const Duration delay = loop.loop().delay_since(middle);
  CHECK(delay >= 5ms);
  CHECK(delay <= std::chrono::steady_clock::now() - middle);
}

TEST_CASE("time that the loop spends waiting is not delay") {
  TestLoop loop;
  Timer timer(loop);
  Duration least = Duration::max();
  // Where the machine takes the processor away the loop is really late, so the best of a few
  // counts.
  for (int attempt = 0; attempt < 5 && least >= 50ms; ++attempt) {
    const Tick begin = std::chrono::steady_clock::now();
    bool fired = false;
    timer.arm(100ms, [&] { fired = true; });
    loop.run_until([&] { return fired; });
    CHECK(std::chrono::steady_clock::now() - begin >= 100ms);
    least = std::min(least, loop.loop().delay_since(begin));
  }
  CHECK(least < 50ms);
}

TEST_CASE("work between two runs of the loop is delay as well") {
  TestLoop loop;
  Timer keep_alive(loop);  // a loop without anything to wait for takes no turn
  keep_alive.arm(1h, [] {});
  loop.spin();
  const Tick begin = std::chrono::steady_clock::now();
  stay_busy(10ms);
  loop.spin();
  CHECK(loop.loop().delay_since(begin) >= 10ms);
}

TEST_CASE("a turn is forgotten after 256 later busy ones") {
  TestLoop loop;
  Timer keep_alive(loop);  // a loop without anything to wait for takes no turn
  keep_alive.arm(1h, [] {});
  const Tick begin = std::chrono::steady_clock::now();
  stay_busy(100ms);
  loop.spin();
  CHECK(loop.loop().delay_since(begin) >= 100ms);
  Duration longest{};
  for (int round = 0; round < 260; ++round) {
    const Tick round_began = std::chrono::steady_clock::now();
    stay_busy(60us);
    loop.spin(1);
    longest = std::max(longest, Duration{std::chrono::steady_clock::now() - round_began});
  }
  // A turn begins in one round and ends in the next.
  const Duration remembered = loop.loop().delay_since(begin);
  CHECK(remembered <= 2 * longest + 1ms);
}

TEST_SUITE_END();

}  // namespace xtrace
