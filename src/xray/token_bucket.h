#pragma once

/// A token bucket: so many datagrams at once, and then so many a second.

#include <cstddef>
#include <cstdint>

#include <xtrace/clock.h>

namespace xtrace {

/// Holds `burst` tokens when it is made and gets `rate` of them a second, `burst` at most. Zero of
/// either counts as one. Time comes from the caller; a tick that lies behind the last one changes
/// nothing.
class TokenBucket {
 public:
  TokenBucket(std::uint32_t burst, std::uint32_t rate);

  /// How many may be taken now.
  std::size_t available(Tick now);
  /// Takes what is there, `count` at most.
  void take(std::size_t count);
  /// How long until there is a token; zero where there is one.
  Duration until_next(Tick now);

 private:
  void refill(Tick now);

  std::uint64_t burst_;
  std::uint64_t rate_;
  std::uint64_t tokens_;
  std::uint64_t fraction_ = 0;  // billionths of a token, fewer than one
  Tick filled_{};               // when tokens_ and fraction_ were right
  bool is_started_ = false;
};

}  // namespace xtrace
