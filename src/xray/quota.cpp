#include "xray/quota.h"

#include <algorithm>

namespace xtrace {

namespace {

constexpr std::uint64_t pack(std::uint32_t high, std::uint32_t low) {
  return (std::uint64_t{high} << 32U) | low;
}

constexpr std::uint32_t high_half(std::uint64_t packed) {
  return static_cast<std::uint32_t>(packed >> 32U);
}

constexpr std::uint32_t low_half(std::uint64_t packed) {
  return static_cast<std::uint32_t>(packed);
}

}  // namespace

bool SecondCounter::take(std::uint32_t second, std::uint32_t limit) {
  constexpr std::uint32_t kLateness = 2;
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    const std::uint32_t latest = high_half(seen);
    const bool is_late = second < latest && latest - second <= kLateness;
    const bool is_same = second == latest || is_late;
    const std::uint32_t used = is_same ? low_half(seen) : 0;
    if (used >= limit) return false;
    next = pack(is_same ? latest : second, used + 1);
  } while (!state_.compare_exchange_weak(seen, next, std::memory_order_relaxed));
  return true;
}

std::uint32_t SecondCounter::used() const {
  return low_half(state_.load(std::memory_order_relaxed));
}

Quota::Verdict Quota::take(std::uint32_t second) {
  const std::uint64_t assigned = assigned_.load(std::memory_order_relaxed);
  if (low_half(assigned) == 0 || second > high_half(assigned)) return Verdict::invalid;
  return used_.take(second, low_half(assigned) - 1) ? Verdict::within : Verdict::exhausted;
}

void Quota::assign(std::optional<std::uint64_t> quota, std::optional<std::uint32_t> last_second) {
  const std::uint64_t before = assigned_.load(std::memory_order_relaxed);
  std::uint32_t low = low_half(before);
  constexpr std::uint64_t kMost = 0xFFFFFFFEU;
  if (quota) low = static_cast<std::uint32_t>(std::min(*quota, kMost) + 1);
  assigned_.store(pack(last_second.value_or(high_half(before)), low), std::memory_order_relaxed);
}

}  // namespace xtrace
