#include "xray/log_limit.h"

namespace xtrace {

std::optional<std::uint64_t> LogLimit::pass(Tick now) {
  const Tick::rep ticks = now.time_since_epoch().count();
  Tick::rep next = next_.load(std::memory_order_relaxed);
  const Tick::rep later = ticks + Tick::duration(std::chrono::seconds(1)).count();
  if (ticks < next || !next_.compare_exchange_strong(next, later, std::memory_order_relaxed)) {
    kept_back_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return kept_back_.exchange(0, std::memory_order_relaxed);
}

}  // namespace xtrace
