#pragma once

/// Runs a part of a test in a child after `fork`, while the test's loop goes on.

#include <functional>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test_loop.h"

// The thread sanitizer allows no threads after a fork of a program that has several.
#if defined(__SANITIZE_THREAD__)
#define XTRACE_FORKS_ALONE true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define XTRACE_FORKS_ALONE true
#endif
#endif
#ifndef XTRACE_FORKS_ALONE
#define XTRACE_FORKS_ALONE false
#endif

namespace xtrace::testing {

/// True where `claim` held in a child; it may take as long as `TestLoop::run_until` does.
inline bool holds_in_child(TestLoop& loop, const std::function<bool()>& claim) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(claim() ? 0 : 1);
  int status = -1;
  bool is_gone = false;
  loop.run_until_threads([child, &status, &is_gone] {
    is_gone = is_gone || ::waitpid(child, &status, WNOHANG) == child;
    return is_gone;
  });
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace xtrace::testing
