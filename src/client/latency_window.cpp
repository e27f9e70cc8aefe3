#include "client/latency_window.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace xtrace {

LatencyWindow::LatencyWindow(std::size_t values)
    : values_(std::clamp<std::size_t>(values, 1, kMostValues)) {}

void LatencyWindow::add(Duration value) {
  const Duration::rep length = std::max(value, Duration::zero()).count();
  const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(length));
  if (latest_.size() < values_) {
    latest_.push_back(static_cast<std::uint16_t>(bucket));
  } else {
    count_out(latest_[oldest_]);
    latest_[oldest_] = static_cast<std::uint16_t>(bucket);
    oldest_ = (oldest_ + 1) % values_;
  }
  count_in(bucket);
}

Duration LatencyWindow::quantile(double share) const {
  if (latest_.empty()) return {};
  // Less a grain, so that 95 % of 20 is the 19th and not, by rounding, the 20th.
  const double wanted = share > 0 ? std::min(share, 1.0) * static_cast<double>(count()) - 1e-6 : 0;
  std::size_t left = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(wanted)));
  std::size_t block = 0;
  while (blocks_[block] < left) left -= blocks_[block++];
  std::size_t bucket = block * kSteps;
  while (buckets_[bucket] < left) left -= buckets_[bucket++];
  return Duration(static_cast<Duration::rep>(upper_end_of(bucket)));
}

void LatencyWindow::clear() {
  buckets_ = {};
  blocks_ = {};
  latest_.clear();
  oldest_ = 0;
}

std::size_t LatencyWindow::bucket_of(std::uint64_t value) {
  if (value < kSteps) return static_cast<std::size_t>(value);
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width > kMostBits) return kBlocks * kSteps - 1;
  // The highest bit says which block; those below it say which bucket of the block.
  const unsigned shift = width - 1 - kBits;
  return static_cast<std::size_t>((shift + 1) * kSteps + ((value >> shift) - kSteps));
}

std::uint64_t LatencyWindow::upper_end_of(std::size_t bucket) {
  if (bucket < kSteps) return bucket;
  const auto shift = static_cast<unsigned>(bucket / kSteps - 1);
  return ((kSteps + bucket % kSteps + 1) << shift) - 1;
}

void LatencyWindow::count_in(std::size_t bucket) {
  ++buckets_[bucket];
  ++blocks_[bucket / kSteps];
}

void LatencyWindow::count_out(std::size_t bucket) {
  --buckets_[bucket];
  --blocks_[bucket / kSteps];
}

}  // namespace xtrace
