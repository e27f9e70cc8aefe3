#include "xray/reservoir.h"

#include <algorithm>

namespace xtrace {

bool Reservoir::take(Tick now, std::uint32_t per_second) {
  if (per_second == 0) return false;
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t each = kSecond / per_second;
  const std::int64_t at = std::chrono::duration_cast<Duration>(now.time_since_epoch()).count();
  std::int64_t seen = empty_at_.load(std::memory_order_relaxed);
  std::int64_t empty = 0;
  do {
    empty = std::max(seen, at - each * per_second);
    if (at - empty < each) return false;
  } while (!empty_at_.compare_exchange_weak(seen, empty + each, std::memory_order_relaxed));
  return true;
}

}  // namespace xtrace
