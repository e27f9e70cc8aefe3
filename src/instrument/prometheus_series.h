#pragma once

/// What the series of all sinks for Prometheus have in common: their unit, and which values they
/// refuse.

#include <atomic>
#include <cmath>
#include <cstdint>

#include <xtrace/metrics_sink.h>

#include "instrument/prometheus_names.h"

namespace xtrace {

/// What a sink counts about all its series.
struct PrometheusLosses {
  std::atomic<std::uint64_t> overflow{0};  ///< Values recorded into the series of all others.
  std::atomic<std::uint64_t> dropped{0};   ///< Values that no series can take.
};

class PrometheusSeries : public MetricSeries {
 public:
  /// `losses` outlives it.
  PrometheusSeries(const MetricInfo& info, SeriesRole role, PrometheusLosses& losses)
      : divisor_(prometheus_divisor(info.unit)),
        is_counter_(info.kind == MetricInfo::Kind::counter),
        role_(role),
        losses_(losses) {}
  PrometheusSeries(const PrometheusSeries&) = delete;
  PrometheusSeries& operator=(const PrometheusSeries&) = delete;
  ~PrometheusSeries() override = default;

  void record(double value) noexcept final {
    if (!std::isfinite(value) || (is_counter_ && value < 0)) return drop();
    if (role_ == SeriesRole::all_others) losses_.overflow.fetch_add(1, std::memory_order_relaxed);
    take(value / divisor_);
  }

 protected:
  void drop() noexcept { losses_.dropped.fetch_add(1, std::memory_order_relaxed); }

 private:
  /// A finite value in Prometheus' unit, and not negative where this is a counter.
  virtual void take(double value) noexcept = 0;

  const double divisor_;
  const bool is_counter_;
  const SeriesRole role_;
  PrometheusLosses& losses_;
};

/// Where a name is another kind's already, which Prometheus would not have.
class RefusingSeries final : public PrometheusSeries {
 public:
  using PrometheusSeries::PrometheusSeries;

 private:
  void take(double /*value*/) noexcept override { drop(); }
};

}  // namespace xtrace
