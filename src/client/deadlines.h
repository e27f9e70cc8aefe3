#pragma once

/// `Deadlines` watches several time limits with a single timer.
///
/// The earliest is waited for. When one strikes it is cleared and reported, and the callback may
/// destroy the object. Nothing is asked of the loop before the first limit is set.

#include <array>
#include <cstdint>
#include <optional>

#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "loop/timer.h"

namespace xtrace {

/// Three are no settings. `last_words`: how long a peer that broke our upload may take to say why.
/// `drain`: how long the rest of a body may take that nobody wants. `expect_continue` ends a wait,
/// not the request.
enum class Limit : std::uint8_t {
  total,
  wait,
  connect,
  dns,
  dial,
  proxy,
  tls,
  response,
  idle,
  expect_continue,
  last_words,
  drain
};
inline constexpr int kLimitCount = 12;

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

  Loop& loop_;
  std::optional<Timer> timer_;
  Tick waits_until_ = kNever;  // what the timer is armed for
  std::array<Tick, kLimitCount> due_;
  Callback<void(Limit)> on_struck_;
};

}  // namespace xtrace
