#include "loop/delay_log.h"

#include <algorithm>

namespace xtrace {

void DelayLog::note(Tick ready_since, Tick called_at) {
  if (called_at - ready_since < kWorthKeeping) return;
  waits_[next_] = {ready_since, called_at};
  next_ = (next_ + 1) % waits_.size();
}

Duration DelayLog::longest_since(Tick since) const {
  Duration longest{};
  for (const Wait& wait : waits_) {
    if (wait.ended <= since) continue;
    longest = std::max(longest, Duration{wait.ended - std::max(wait.began, since)});
  }
  return longest;
}

}  // namespace xtrace
