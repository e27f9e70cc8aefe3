#include "loop/signal_watch.h"

#include <csignal>
#include <memory>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test_loop.h"

namespace signal_watch_test {

using namespace xtrace;
using xtrace::testing::TestLoop;

TEST_SUITE("loop/signal_watch") {
  TEST_CASE("a signal calls back once, on the loop") {
    TestLoop loop;
    int calls = 0;
    const SignalWatch watch(loop, SIGUSR1, [&calls] { ++calls; });
    raise(SIGUSR1);
    CHECK(calls == 0);
    loop.run_until([&calls] { return calls == 1; });
  }

  TEST_CASE("a watch may be destroyed by its own callback") {
    TestLoop loop;
    bool was_called = false;
    std::unique_ptr<SignalWatch> watch;
    watch = std::make_unique<SignalWatch>(loop, SIGUSR1, [&] {
      watch.reset();
      was_called = true;
    });
    raise(SIGUSR1);
    loop.run_until([&was_called] { return was_called; });
  }

  TEST_CASE("the second signal does what it does by default") {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      Loop loop;
      bool was_called = false;
      const SignalWatch watch(loop, SIGTERM, [&was_called] { was_called = true; });
      raise(SIGTERM);
      loop.run_until([&was_called] { return was_called; }, std::chrono::seconds(5));
      if (was_called) raise(SIGTERM);
      _exit(1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGTERM);
  }

  TEST_CASE("a signal that was ignored stays ignored") {
    TestLoop loop;
    const auto before = std::signal(SIGUSR2, SIG_IGN);
    int calls = 0;
    {
      const SignalWatch watch(loop, SIGUSR2, [&calls] { ++calls; });
      raise(SIGUSR2);
      loop.spin();
    }
    CHECK(calls == 0);
    const bool is_still_ignored = std::signal(SIGUSR2, before) == SIG_IGN;
    CHECK(is_still_ignored);
  }

  TEST_CASE("a watch does not keep the loop running") {
    TestLoop loop;
    const SignalWatch watch(loop, SIGUSR1, [] {});
    loop.loop().run();
    CHECK(loop.open_handles() == 0);
  }
}

}  // namespace signal_watch_test
