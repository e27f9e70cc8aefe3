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

namespace xtrace::loop_test {

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

TEST_CASE("run_until returns at once when a timer of the running turn was what it waited for") {
  Loop loop;
  Timer timer(loop);
  bool fired = false;
  timer.arm(0ms, [&] { fired = true; });
  const Tick begin = std::chrono::steady_clock::now();
  CHECK(loop.run_until([&] { return fired; }, 60s));
  CHECK(std::chrono::steady_clock::now() - begin < 30s);
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

TEST_CASE("the delay shows what a ready descriptor waited for another's callback") {
  TestLoop loop;
  const Tick begin = std::chrono::steady_clock::now();
  bool was_called = false;
  loop.loop().post([&] {
    loop.loop().post([&] { was_called = true; });  // ready from here on
    stay_busy(20ms);
  });
  loop.run_until([&] { return was_called; });
  CHECK(loop.loop().delay_since(begin) >= 20ms);
  CHECK(loop.loop().delay_since(begin) <= std::chrono::steady_clock::now() - begin);
  CHECK(loop.loop().delay_since(std::chrono::steady_clock::now()) == Duration::zero());
}

TEST_CASE("a callback's own work is not delay, and neither is waiting") {
  TestLoop loop;
  Timer timer(loop);
  Duration least = Duration::max();
  // Where the machine takes the processor away the loop is really late, so the best of a few
  // counts.
  for (int attempt = 0; attempt < 5 && least >= 10ms; ++attempt) {
    loop.spin();
    const Tick begin = std::chrono::steady_clock::now();
    bool is_done = false;
    timer.arm(50ms, [&] {
      loop.loop().post([&] {
        stay_busy(20ms);
        is_done = true;
      });
    });
    loop.run_until([&] { return is_done; });
    CHECK(std::chrono::steady_clock::now() - begin >= 70ms);
    least = std::min(least, loop.loop().delay_since(begin));
  }
  CHECK(least < 10ms);
}

TEST_CASE("work between two runs of the loop is delay as well") {
  TestLoop loop;
  loop.spin();
  const Tick begin = std::chrono::steady_clock::now();
  bool was_called = false;
  loop.loop().post([&] { was_called = true; });
  stay_busy(10ms);
  loop.run_until([&] { return was_called; });
  CHECK(loop.loop().delay_since(begin) >= 10ms);
}

TEST_SUITE_END();

}  // namespace xtrace::loop_test
