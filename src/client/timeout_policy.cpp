#include <algorithm>
#include <utility>

#include <xtrace/execution.h>
#include <xtrace/timeout_policy.h>

#include "base/assert.h"

namespace xtrace {

namespace {

Duration not_negative(Duration limit) {
  return std::max(limit, Duration::zero());
}

bool took_too_long(const AttemptRecord& attempt) {
  const Error* error = attempt.error();
  return attempt.is_over && !attempt.is_redundant && error != nullptr && is_timeout(error->code);
}

// Whether an attempt of the wave before the one that is about to start, or to get a rival, took too
// long. Its rivals had the same right to answer, so it does not matter which.
bool is_behind_timeout(const Execution& execution) {
  const int wave = execution.wave - 1;
  return std::any_of(execution.attempts.rbegin(), execution.attempts.rend(),
                     [wave](const AttemptRecord& attempt) {
                       return attempt.wave == wave && took_too_long(attempt);
                     });
}

}  // namespace

TimeoutPolicy::TimeoutPolicy(Function choose) : choose_(std::move(choose)) {
  XTRACE_ASSERT(choose_ != nullptr);
}

TimeoutPolicy timeout_fixed(Duration limit) {
  return TimeoutPolicy([limit = not_negative(limit)](const Execution&) { return limit; });
}

TimeoutPolicy timeout_adaptive(Duration usual, std::vector<Duration> after) {
  return TimeoutPolicy(
      [usual = not_negative(usual), after = std::move(after)](const Execution& execution) {
        if (after.empty() || !is_behind_timeout(execution)) return usual;
        const auto timeouts = static_cast<std::size_t>(std::max(execution.attempt_timeouts, 1));
        return not_negative(after[std::min(timeouts, after.size()) - 1]);
      });
}

TimeoutPolicy timeout_infinite() {
  return TimeoutPolicy([](const Execution&) { return std::nullopt; });
}

}  // namespace xtrace
