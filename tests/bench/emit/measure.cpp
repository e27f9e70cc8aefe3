#include "measure.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <sched.h>

namespace xtrace::bench {

std::int64_t steady_nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

std::int64_t cpu_nanoseconds() {
  timespec spent{};
  require(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) == 0, "clock_gettime");
  return std::int64_t{spent.tv_sec} * 1'000'000'000 + spent.tv_nsec;
}

void stay_on_core(unsigned core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  ::sched_setaffinity(0, sizeof cores, &cores);
}

void require(bool claim, const char* deed) {
  if (claim) return;
  std::perror(deed);
  std::exit(1);
}

void work_on_order(const std::function<Done()>& work) {
  std::array<char, 64> line{};
  while (true) {
    std::puts("ready");
    std::fflush(stdout);
    if (std::fgets(line.data(), static_cast<int>(line.size()), stdin) == nullptr) return;
    const std::int64_t began = steady_nanoseconds();
    const std::int64_t cpu_began = cpu_nanoseconds();
    const Done done = work();
    const std::int64_t cpu = cpu_nanoseconds() - cpu_began - done.idle_cpu;
    const std::int64_t ended = steady_nanoseconds();
    std::printf("%lld %lld %lld %zu\n", static_cast<long long>(began),
                static_cast<long long>(ended), static_cast<long long>(cpu), done.count);
    std::fflush(stdout);
  }
}

}  // namespace xtrace::bench
