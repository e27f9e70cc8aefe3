#pragma once

/// What a central rule has for sure in this process: a quota that the service assigns for a while,
/// or one request a second on credit.
///
/// Seconds are those of the wall clock since the epoch, as in every SDK. Everything is atomic: a
/// decision takes no lock.

#include <atomic>
#include <cstdint>
#include <optional>

namespace xtrace {

/// A count that starts again with each second. A thread that is late by a second or two counts for
/// the second that has begun; a clock that was set back begins anew.
class SecondCounter {
 public:
  /// Counts one more in `second` where that stays within `limit`.
  bool take(std::uint32_t second, std::uint32_t limit);
  /// What was counted in the latest second that counted anything.
  std::uint32_t used() const;

 private:
  std::atomic<std::uint64_t> state_{0};  // the second, and in the low half how many
};

class Quota {
 public:
  enum class Verdict : std::uint8_t { within, exhausted, invalid };

  /// Takes one of the quota. `invalid`: none was assigned, or its second has passed.
  Verdict take(std::uint32_t second);
  /// True once a second.
  bool borrow(std::uint32_t second) { return borrowed_.take(second, 1); }

  /// Each of both is left as it was where there is nothing. One thread at a time.
  void assign(std::optional<std::uint64_t> quota, std::optional<std::uint32_t> last_second);

 private:
  // The last second in which the quota is valid, and in the low half the quota and one more: 0
  // while there is none. Both in one, so that no decision sees half of an assignment.
  std::atomic<std::uint64_t> assigned_{0};
  SecondCounter used_;
  SecondCounter borrowed_;
};

}  // namespace xtrace
