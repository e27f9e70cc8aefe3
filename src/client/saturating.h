#pragma once

/// Times whose sums and differences stay at the end of their range instead of overflowing, for
/// policies that are given `Duration::max()` and the like.

#include <xtrace/clock.h>

namespace xtrace {

inline Duration saturating_sum(Duration left, Duration right) {
  Duration::rep sum = 0;
  if (!__builtin_add_overflow(left.count(), right.count(), &sum)) return Duration(sum);
  return right < Duration::zero() ? Duration::min() : Duration::max();
}

/// From `from` until `to`.
inline Duration saturating_difference(Tick to, Tick from) {
  Duration::rep difference = 0;
  const Duration::rep begin = from.time_since_epoch().count();
  const Duration::rep end = to.time_since_epoch().count();
  if (!__builtin_sub_overflow(end, begin, &difference)) return Duration(difference);
  return to < from ? Duration::min() : Duration::max();
}

}  // namespace xtrace
