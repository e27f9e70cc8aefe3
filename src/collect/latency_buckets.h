#pragma once

/// `LatencyBuckets` counts response times in buckets of equal ratio, so that percentiles are within
/// 5 % from a microsecond to an hour, and graphs of any size merge. Sixteen bytes for each bucket
/// in use.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xtrace::collect {

class LatencyBuckets {
 public:
  struct Bucket {
    double up_to = 0;  ///< Seconds.
    double value = 0;  ///< What stands for those in it: its middle, within what occurred.
    std::uint64_t count = 0;
  };

  void add(double seconds);
  void merge(const LatencyBuckets& other);
  std::uint64_t count() const { return count_; }
  /// Of 0 to 1; 0 where there is none. Never outside of what occurred.
  double percentile(double share) const;
  /// Those that are not empty, in ascending order.
  std::vector<Bucket> buckets() const;

 private:
  struct Entry {
    std::uint64_t count;
    std::uint8_t bucket;
  };

  void add_to(std::uint8_t bucket, std::uint64_t count);
  double value_of(std::uint8_t bucket) const;

  std::vector<Entry> entries_;  // By bucket; few of them are ever used by one service.
  std::uint64_t count_ = 0;
  double least_ = 0;
  double most_ = 0;
};

}  // namespace xtrace::collect
