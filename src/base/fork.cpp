#include "base/fork.h"

#include <atomic>

#include <pthread.h>

#include "base/assert.h"

namespace xtrace {

namespace {

std::atomic<std::uint32_t> generation{1};

}  // namespace

std::uint32_t fork_generation() {
  static const int registered = ::pthread_atfork(
      nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  XTRACE_ASSERT(registered == 0);
  return generation.load(std::memory_order_relaxed);
}

}  // namespace xtrace
