#pragma once

/// What plans, breakers and emitters tell of themselves, as gauges and counters. Each of these is
/// fed by one such thing.

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/circuit_breaker.h>
#include <xtrace/emitter.h>
#include <xtrace/metrics_sink.h>
#include <xtrace/plan_client.h>

#include "instrument/client_metrics_sum.h"

namespace xtrace {

class PlanMetrics {
 public:
  /// `sink` outlives it.
  explicit PlanMetrics(MetricsSink& sink) : sink_(sink) {}

  void collect(const PlanStats& stats);

 private:
  MetricsSink& sink_;
  std::vector<MetricSeries*> gauges_{};
  std::vector<GrowingSum> sums_{};
};

class EmitterMetrics {
 public:
  /// `sink` outlives it.
  explicit EmitterMetrics(MetricsSink& sink) : sink_(sink) {}

  void collect(const EmitterStats& stats);

 private:
  MetricsSink& sink_;
  MetricSeries* queued_ = nullptr;
  std::vector<GrowingSum> sums_{};
  std::optional<GrowingSum> receiver_drops_{};
};

class BreakerMetrics {
 public:
  /// `sink` outlives it.
  explicit BreakerMetrics(MetricsSink& sink) : sink_(sink) {}

  void collect(const std::vector<BreakerStats>& buckets);
  /// From any thread.
  void record(const BreakerChange& change);

 private:
  static constexpr std::size_t kSums = 4;

  struct BucketSeries {
    MetricSeries* state = nullptr;
    std::array<GrowingSum, kSums> sums{};
    bool is_seen = false;
  };

  BucketSeries& bucket_of(const std::string& name);
  void forget_unseen();

  MetricsSink& sink_;
  std::map<std::string, BucketSeries, std::less<>> buckets_{};
};

}  // namespace xtrace
