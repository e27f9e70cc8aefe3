#pragma once

/// `PlanEvents` counts what plans decide, as they decide it: retries by reason, those that were
/// forbidden, waits, rivals.

#include <array>
#include <string_view>

#include <xtrace/execution.h>
#include <xtrace/metrics_sink.h>

#include "instrument/client_metrics_cache.h"
#include "instrument/client_metrics_status.h"

namespace xtrace {

class PlanEvents {
 public:
  /// `sink` outlives it.
  explicit PlanEvents(MetricsSink& sink) : sink_(sink) {}

  void on_wait_started(const Execution& execution);
  void on_wait_ended(const Execution& execution, const WaitRecord& wait);
  void on_retry_decided(const Execution& execution, const RetryDecision& decision);
  void on_race_decided(const Execution& execution, const RaceDecision& decision);

 private:
  static constexpr std::size_t kRetryVetoes = 8;
  static constexpr std::size_t kRaceVetoes = 3;
  static constexpr std::size_t kWaitReasons = 2;

  struct Row {
    SeriesByStatus retries{};
    std::array<MetricSeries*, kRetryVetoes> vetoes{};
    std::array<MetricSeries*, kWaitReasons> waits{};
    std::array<MetricSeries*, kRaceVetoes> races{};
  };
  using Entry = SeriesCache<Row>::Entry;

  Entry& entry_of(const Execution& execution);
  MetricSeries& ensure(MetricSeries*& series, const Entry& entry, const MetricInfo& info,
                       MetricTag tag);

  MetricsSink& sink_;
  SeriesCache<Row> rows_{};
};

}  // namespace xtrace
