#include "xray/quiet_thread.h"

#include <csignal>
#include <initializer_list>

#include <doctest/doctest.h>

namespace xtrace::quiet_thread_test {

namespace {

void* read_mask(void* mask) {
  ::pthread_sigmask(SIG_SETMASK, nullptr, static_cast<sigset_t*>(mask));
  return nullptr;
}

}  // namespace

TEST_SUITE("xray/quiet_thread") {
  TEST_CASE("a quiet thread takes no signal, and who starts it takes what it took") {
    sigset_t before;
    sigset_t after;
    sigset_t inside;
    read_mask(&before);
    pthread_t thread{};
    REQUIRE(start_quiet_thread(thread, &read_mask, &inside) == 0);
    ::pthread_join(thread, nullptr);
    read_mask(&after);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGCHLD, SIGPIPE}) {
      CHECK(sigismember(&inside, signal) == 1);
      CHECK(sigismember(&after, signal) == sigismember(&before, signal));
    }
  }
}

}  // namespace xtrace::quiet_thread_test
