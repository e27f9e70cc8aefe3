#pragma once

/// The dice of samplers.

#include <cstdint>
#include <span>

#include "base/random.h"

namespace xtrace {

/// True for a share of `rate` of all calls. Below 0 counts as never, above 1 as always.
inline bool by_chance(double rate) {
  if (rate >= 1) return true;
  if (!(rate > 0)) return false;
  std::uint64_t bits = 0;
  random_bytes(std::as_writable_bytes(std::span{&bits, 1}));
  constexpr double kStep = 0x1p-53;
  return static_cast<double>(bits >> 11U) * kStep < rate;
}

}  // namespace xtrace
