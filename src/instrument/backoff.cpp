#include "instrument/backoff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/random.h"

namespace xtrace {

Duration Backoff::take() {
  const Duration whole = std::min(next_, longest_);
  next_ = std::min(whole * 2, longest_);
  return whole - random_up_to(whole / 2);
}

Duration random_up_to(Duration most) {
  if (most <= Duration::zero()) return Duration::zero();
  std::uint64_t number = 0;
  random_bytes(std::as_writable_bytes(std::span{&number, 1}));
  const auto choices = static_cast<std::uint64_t>(most.count()) + 1;
  return Duration{static_cast<Duration::rep>(number % choices)};
}

}  // namespace xtrace
