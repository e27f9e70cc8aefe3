#include "base/fork_watch.h"

#include <string>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xtrace::fork_watch_test {

namespace {

struct Recorder final : ForkWatch {
  Recorder() { begin_watching(); }
  ~Recorder() override { end_watching(); }

  void before_fork() override { calls += "before "; }
  void after_fork_in_parent() override { calls += "parent "; }
  void after_fork_in_child() override { calls += "child "; }

  std::string calls{};
};

/// What `recorder` saw in a child, as its exit code.
bool is_told_in_child(const Recorder& recorder) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(recorder.calls == "before child " ? 0 : 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_SUITE("base/fork_watch") {
  TEST_CASE("a watcher is told before a fork and on both sides of it") {
    Recorder recorder;
    CHECK(is_told_in_child(recorder));
    CHECK(recorder.calls == "before parent ");
  }

  TEST_CASE("those that went are not told, whichever of several they were") {
    Recorder first;
    {
      Recorder gone;
      Recorder last;
      CHECK(is_told_in_child(last));
    }
    Recorder again;
    CHECK(is_told_in_child(again));
    CHECK(first.calls == "before parent before parent ");
  }
}

}  // namespace xtrace::fork_watch_test
