#include "cli/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace xtrace::cli {

std::size_t LatencyHistogram::bucket_of(std::uint64_t value) {
  if (value < kSteps) return static_cast<std::size_t>(value);
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width > kMostBits) return kBuckets - 1;
  // The highest bit says which block; those below it say which bucket of the block.
  const unsigned shift = width - 1 - kBits;
  return static_cast<std::size_t>((shift + 1) * kSteps + ((value >> shift) - kSteps));
}

std::uint64_t LatencyHistogram::middle_of(std::size_t bucket) {
  if (bucket < kSteps) return bucket;
  const auto shift = static_cast<unsigned>(bucket / kSteps - 1);
  const std::uint64_t low = (kSteps + bucket % kSteps) << shift;
  return low + ((std::uint64_t{1} << shift) >> 1U);
}

void LatencyHistogram::add(Duration value) {
  value = std::max(value, Duration{});
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value.count()))];
  ++count_;
  sum_ += static_cast<double>(value.count());
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

Duration LatencyHistogram::mean() const {
  if (count_ == 0) return {};
  return Duration(std::llround(sum_ / static_cast<double>(count_)));
}

Duration LatencyHistogram::percentile(double percent) const {
  if (count_ == 0) return {};
  const double share = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count_);
  // Less a grain, so that 95 % of 20 is the 19th and not, by rounding, the 20th.
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share - 1e-6)));
  if (rank == 1) return min_;
  if (rank >= count_) return max_;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen < rank) continue;
    return std::clamp(Duration(static_cast<Duration::rep>(middle_of(i))), min_, max_);
  }
  return max_;
}

std::uint64_t LatencyHistogram::count_between(Duration low, Duration high) const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (buckets_[i] == 0) continue;
    const Duration middle(static_cast<Duration::rep>(middle_of(i)));
    if (middle >= low && middle < high) count += buckets_[i];
  }
  return count;
}

Duration LatencyHistogram::next_from(Duration low) const {
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const Duration middle(static_cast<Duration::rep>(middle_of(i)));
    if (buckets_[i] > 0 && middle >= low) return middle;
  }
  return max_;
}

}  // namespace xtrace::cli
