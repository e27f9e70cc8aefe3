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
  for (std::size_t back = 1; back <= waits_.size(); ++back) {
    const Wait& wait = waits_[(next_ + waits_.size() - back) % waits_.size()];
    if (wait.ended <= since) break;  // those before ended earlier still
    longest = std::max(longest, Duration{wait.ended - std::max(wait.began, since)});
  }
  return longest;
}

}  // namespace xtrace
