#pragma once

/// `PoolMetrics` turns what pools tell of themselves into gauges and counters, one set for each
/// address.
///
/// A pool forgets addresses. What it counted for one between the last look and that is in its
/// totals alone, and goes under the address `forgotten`, so that the sum over all addresses is
/// what happened.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <xtrace/metrics_sink.h>
#include <xtrace/pool_stats.h>

#include "instrument/client_metrics_sum.h"

namespace xtrace {

class PoolMetrics {
 public:
  /// `sink` outlives it.
  explicit PoolMetrics(MetricsSink& sink) : sink_(sink) {}

  void collect(const PoolStats& stats);

 private:
  static constexpr std::size_t kGauges = 5;
  static constexpr std::size_t kCounters = 7;
  /// In one row: the counters without a reason, then `closed` by each reason.
  static constexpr std::size_t kSums = kCounters + kCloseReasonCount;
  using Growth = std::array<std::uint64_t, kSums>;

  struct AddressSeries {
    std::array<MetricSeries*, kGauges> gauges{};
    std::array<GrowingSum, kSums> sums{};
    bool is_seen = false;
  };
  struct PoolSeries {
    MetricSeries* limit = nullptr;
    std::map<std::string, AddressSeries, std::less<>> addresses{};
    std::array<GrowingSum, kSums> total{};
  };
  struct Names {
    std::string_view pool{};
    std::string_view address{};
  };

  PoolSeries& pool_of(const PoolStats& stats);
  AddressSeries& address_of(PoolSeries& pool, const Names& names);
  Growth collect_address(PoolSeries& pool, const Names& names, const PoolCounts& counts);
  void collect_forgotten(PoolSeries& pool, std::string_view name, const PoolCounts& total,
                         const Growth& told);
  void forget_unseen(PoolSeries& pool);
  MetricSeries& counter_of(std::size_t index, const Names& names);

  MetricsSink& sink_;
  std::map<std::string, PoolSeries, std::less<>> pools_{};
};

}  // namespace xtrace
