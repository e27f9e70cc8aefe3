#include <xtrace/clock.h>

namespace xtrace {

Clock system_clock() {
  return now;
}

TimePoint now() {
  return {std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
}

double epoch_seconds(WallTime wall) {
  return std::chrono::duration<double>(wall.time_since_epoch()).count();
}

}  // namespace xtrace
