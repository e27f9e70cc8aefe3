#pragma once

/// `DelayLog` remembers how long ready descriptors had to wait for their callbacks.
///
/// A descriptor tells nobody when it became ready; what is known is when the loop last looked. If
/// the loop had to wait for it, that was the moment; if it was ready at once, it became so some
/// time after the look before. So a sample is an upper bound.

#include <array>
#include <cstddef>

#include <xtrace/clock.h>

namespace xtrace {

class DelayLog {
 public:
  static constexpr std::size_t kRemembered = 256;
  /// Shorter waits explain nothing and would push the long ones out.
  static constexpr Duration kWorthKeeping = std::chrono::microseconds(50);

  /// Somebody was called at `called_at` for a descriptor that was ready at `ready_since` at the
  /// earliest. In the order of the calls.
  void note(Tick ready_since, Tick called_at);

  /// The longest wait that ended after `since`, as far as it lies after `since`.
  Duration longest_since(Tick since) const;

 private:
  struct Wait {
    Tick began;
    Tick ended;
  };

  std::array<Wait, kRemembered> waits_{};
  std::size_t next_ = 0;
};

}  // namespace xtrace
