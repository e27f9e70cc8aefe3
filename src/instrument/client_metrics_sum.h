#pragma once

/// `GrowingSum` feeds a counter with what a sum grew by since it was looked at last.

#include <cstdint>
#include <utility>

#include <xtrace/metrics_sink.h>

namespace xtrace {

class GrowingSum {
 public:
  /// Without a series it only tells.
  GrowingSum() = default;
  explicit GrowingSum(MetricSeries& series) : series_(&series) {}

  bool has_series() const { return series_ != nullptr; }

  /// How much it grew. One that is smaller than before began anew, at zero.
  std::uint64_t take(std::uint64_t sum) {
    const std::uint64_t before = std::exchange(sum_, sum);
    const std::uint64_t growth = sum >= before ? sum - before : sum;
    if (growth > 0 && series_ != nullptr) series_->record(static_cast<double>(growth));
    return growth;
  }

 private:
  MetricSeries* series_ = nullptr;
  std::uint64_t sum_ = 0;
};

}  // namespace xtrace
