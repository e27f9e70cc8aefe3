#pragma once

/// `LatencyHistogram` counts durations in buckets whose width grows with the value, as
/// HdrHistogram does: whatever is told about them is wrong by less than half a percent.
///
/// Its memory is fixed, adding allocates nothing, and two can be merged. Below 128 ns a bucket is
/// one nanosecond wide, above each power of two is divided into 128 buckets, up to 9 hours; what is
/// longer counts as that. Least and greatest value are kept as they are.

#include <array>
#include <cstddef>
#include <cstdint>

#include <xtrace/clock.h>

namespace xtrace::cli {

class LatencyHistogram {
 public:
  /// A negative duration counts as none.
  void add(Duration value);
  void merge(const LatencyHistogram& other);

  std::uint64_t count() const { return count_; }
  /// Of an empty histogram zero, as all below.
  Duration min() const { return count_ == 0 ? Duration{} : min_; }
  Duration max() const { return max_; }
  Duration mean() const;
  /// The value that `percent` of all do not exceed (nearest rank); exact where that is the least or
  /// the greatest one.
  Duration percentile(double percent) const;
  /// How many lie in [`low`, `high`), by the middle of their buckets.
  std::uint64_t count_between(Duration low, Duration high) const;
  /// The middle of the first bucket from `low` on that holds anything; the greatest value where
  /// none does.
  Duration next_from(Duration low) const;

 private:
  static constexpr unsigned kBits = 7;  // of a value that choose its bucket, below the first one
  static constexpr std::uint64_t kSteps = 1U << kBits;
  static constexpr unsigned kMostBits = 45;
  static constexpr std::size_t kBuckets = (kMostBits - kBits + 1) * kSteps;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t middle_of(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;  // in nanoseconds
  Duration min_ = Duration::max();
  Duration max_{};
};

}  // namespace xtrace::cli
