#pragma once

/// `Deadlines` watches the time limits of one attempt with a single timer.
///
/// Several limits may run at once; the earliest is waited for. When one strikes it is cleared and
/// reported, and the callback may destroy the object.

#include <array>
#include <cstdint>

#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "loop/timer.h"

namespace xtrace {

/// `last_words` is not a setting: how long a peer that broke our upload may take to say why.
enum class Limit : std::uint8_t { total, connect, dns, tls, response, idle, last_words };
inline constexpr int kLimitCount = 7;

class Deadlines {
 public:
  Deadlines(Loop& loop, Callback<void(Limit)> on_struck);
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;
  ~Deadlines();

  /// Strike `after` from now; zero means no limit. Setting again moves the deadline.
  void set(Limit limit, Duration after);
  void clear(Limit limit);
  void clear_all();

 private:
  static constexpr Tick kNever = Tick::max();

  void wait_for_earliest();
  void check();

  Timer timer_;
  Tick waits_until_ = kNever;  // what the timer is armed for
  std::array<Tick, kLimitCount> due_;
  Callback<void(Limit)> on_struck_;
};

}  // namespace xtrace
