#pragma once

/// `LatencyWindow` knows the quantiles of the latest so many durations.
///
/// It counts them in buckets whose width grows with the value: below 64 ns one nanosecond, above
/// that each power of two is divided into 64, up to 9 hours; what is longer counts as that. Adding
/// a value takes the oldest out again and costs the same however many there are; so does asking.
/// Memory: 5 kB and two bytes for each value.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <xtrace/clock.h>

namespace xtrace {

class LatencyWindow {
 public:
  static constexpr std::size_t kMostValues = 65'535;

  /// Of so many values: at least one, at most `kMostValues`.
  explicit LatencyWindow(std::size_t values);

  /// A negative duration counts as none. Allocates nothing once the window is full.
  void add(Duration value);
  std::size_t count() const { return latest_.size(); }
  /// The duration that `share` of all, from 0 to 1, do not exceed (nearest rank): the upper end of
  /// its bucket, which is less than 1.6 % more. Zero while there are no values.
  Duration quantile(double share) const;
  /// Forgets all values and keeps the memory.
  void clear();

 private:
  static constexpr unsigned kBits = 6;  // of a value that choose its bucket, below the first one
  static constexpr std::uint64_t kSteps = 1U << kBits;
  static constexpr unsigned kMostBits = 45;
  static constexpr std::size_t kBlocks = kMostBits - kBits + 1;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_end_of(std::size_t bucket);
  void count_in(std::size_t bucket);
  void count_out(std::size_t bucket);

  std::array<std::uint16_t, kBlocks * kSteps> buckets_{};
  std::array<std::uint16_t, kBlocks> blocks_{};  // the sums of as many buckets
  std::vector<std::uint16_t> latest_;            // buckets, a ring once it is full
  std::size_t values_;
  std::size_t oldest_ = 0;
};

}  // namespace xtrace
