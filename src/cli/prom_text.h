#pragma once

/// `PromTextSink` keeps metrics and writes them in Prometheus' text format (version 0.0.4), under
/// the names and with the labels and buckets of `PrometheusSink`.
///
/// The command line does not link prometheus-cpp for it: docs/decisions.md says why. From any
/// thread.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <xtrace/metrics_sink.h>

#include "instrument/prometheus_series.h"
#include "instrument/series_table.h"

namespace xtrace::cli {

class PromTextSink final : public MetricsSink {
 public:
  explicit PromTextSink(std::size_t most_series = 10'000);
  PromTextSink(const PromTextSink&) = delete;
  PromTextSink& operator=(const PromTextSink&) = delete;
  ~PromTextSink() override;

  MetricSeries& series(const MetricInfo& info, std::span<const MetricTag> tags) override;

  /// All of it, sorted by names and labels; ends in a newline unless there is nothing.
  std::string text();

  /// Values recorded into the series that stands for all others.
  std::uint64_t overflow() const { return losses_.overflow; }
  /// Values that are no numbers, take from a counter, or whose name is another kind's already.
  std::uint64_t dropped() const { return losses_.dropped; }

 private:
  class Series;
  class Histogram;
  class Scalar;
  struct Family {
    MetricInfo::Kind kind{};
    std::string help{};
    std::map<std::string, Series*> series{};  // by their labels as text
  };

  std::unique_ptr<PrometheusSeries> make(const MetricInfo& info, const std::string& name,
                                         const MetricTags& labels, SeriesRole role);

  PrometheusLosses losses_{};
  std::mutex mutex_{};  // what the series hold
  SeriesTable<PrometheusSeries> table_;
  std::map<std::string, Family> families_{};  // guarded by the table's lock
};

}  // namespace xtrace::cli
