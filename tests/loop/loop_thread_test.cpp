#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include <doctest/doctest.h>

#include <xtrace/loop.h>

#include "loop/timer.h"

namespace xtrace::loop_thread_test {

using namespace std::chrono_literals;

TEST_SUITE_BEGIN("loop/loop_thread");

TEST_CASE("a loop thread runs tasks on a thread of its own") {
  LoopThread thread;
  CHECK_FALSE(thread.loop().is_loop_thread());
  std::promise<bool> answer;
  thread.loop().post([&] { answer.set_value(thread.loop().is_loop_thread()); });
  CHECK(answer.get_future().get());
}

TEST_CASE("destroying a loop thread first runs all that was posted") {
  std::atomic<int> runs{0};
  {
    LoopThread thread;
    for (int task = 0; task < 500; ++task) {
      thread.loop().post([&runs] { ++runs; });
    }
  }
  CHECK(runs == 500);
}

TEST_CASE("a loop thread that idles still serves what comes later") {
  LoopThread thread;
  for (int round = 0; round < 3; ++round) {
    std::promise<void> fired;
    std::unique_ptr<Timer> timer;
    thread.loop().post([&] {
      timer = std::make_unique<Timer>(thread.loop());
      timer->arm(1ms, [&] {
        timer.reset();
        fired.set_value();
      });
    });
    fired.get_future().get();
  }
  CHECK_FALSE(thread.loop().is_loop_thread());
}

TEST_CASE("a loop thread takes posts from several threads until they are done") {
  std::atomic<int> runs{0};
  {
    LoopThread thread;
    std::thread first([&] {
      for (int task = 0; task < 300; ++task) thread.loop().post([&runs] { ++runs; });
    });
    std::thread second([&] {
      for (int task = 0; task < 300; ++task) thread.loop().post([&runs] { ++runs; });
    });
    first.join();
    second.join();
  }
  CHECK(runs == 600);
}

TEST_CASE("what a loop thread never ran is destroyed with it") {
  auto watched = std::make_shared<int>(0);
  {
    LoopThread thread;
    // The last task posts once more, behind the end.
    thread.loop().post([&loop = thread.loop(), kept = watched] {
      for (int task = 0; task < 10; ++task) loop.post([kept] { ++*kept; });
    });
  }
  CHECK(watched.use_count() == 1);
}

TEST_SUITE_END();

}  // namespace xtrace::loop_thread_test
