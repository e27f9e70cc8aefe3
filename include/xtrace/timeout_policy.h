#pragma once

/// `TimeoutPolicy`: how long one attempt may take, from its start, behind the `before_attempt`
/// handlers, to the last byte of its body.

#include <functional>
#include <optional>
#include <vector>

#include <xtrace/clock.h>

namespace xtrace {

struct Execution;

class TimeoutPolicy {
 public:
  using Function = std::function<std::optional<Duration>(const Execution&)>;

  explicit TimeoutPolicy(Function choose);
  /// For the attempt that is about to start. Unset: no limit.
  std::optional<Duration> operator()(const Execution& execution) const {
    return choose_(execution);
  }

 private:
  Function choose_;
};

/// httpx's default is 5 s.
TimeoutPolicy timeout_fixed(Duration limit);
/// `usual`, and in the wave behind one in which an attempt took too long the n-th of `after`, or
/// the last, if it was the n-th of the execution; also for the rivals of the wave, which httpx
/// gives the usual one.
TimeoutPolicy timeout_adaptive(Duration usual, std::vector<Duration> after);
TimeoutPolicy timeout_infinite();

}  // namespace xtrace
