#pragma once

/// What a local rule has for sure: so many requests each second.

#include <atomic>
#include <cstdint>
#include <limits>

#include <xtrace/clock.h>

namespace xtrace {

/// Full at first and never holds more than a second's worth; fills continuously. From any thread,
/// without a lock.
class Reservoir {
 public:
  /// Takes one of `per_second`, which is the same in every call, or tells that there is none.
  bool take(Tick now, std::uint32_t per_second);

 private:
  // When the reservoir would have been empty had it only filled since: what it holds is the time
  // from there.
  std::atomic<std::int64_t> empty_at_{std::numeric_limits<std::int64_t>::min()};
};

}  // namespace xtrace
