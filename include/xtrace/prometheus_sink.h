#pragma once

/// `PrometheusSink` keeps metrics in a `prometheus::Registry` of prometheus-cpp, from where an
/// exposer of that library, or your own endpoint, hands them out. It is a library of its own,
/// `libxtrace-prometheus`, so that nobody else links prometheus-cpp.
///
/// Names and units follow Prometheus' rules: `toolkit.http.client.request.time` in milliseconds
/// becomes `toolkit_http_client_request_time_seconds`; counters end in `_total`. Recording is one
/// call of prometheus-cpp, which keeps a lock for the time of it. From any thread. A child after
/// `fork` goes on from what the parent had counted, and forks while nobody records.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <xtrace/metrics_sink.h>

namespace prometheus {
class Registry;
}

namespace xtrace {

struct PrometheusConfig {
  /// Upper bounds of the histograms of times, in seconds; in any order. Unset: 20 from 50 us to
  /// 60 s, each at most 2.5 times the one before, so that no two latencies that far apart share a
  /// bucket. A lookup that is cached and a connect on loopback take 100 us, and are to be told from
  /// those of a network nearby. Each bound is a time series for each combination of tags.
  std::vector<double> buckets{};
  std::size_t most_series = 10'000;
};

class PrometheusSink final : public MetricsSink {
 public:
  explicit PrometheusSink(std::shared_ptr<prometheus::Registry> registry,
                          PrometheusConfig config = {});
  PrometheusSink(const PrometheusSink&) = delete;
  PrometheusSink& operator=(const PrometheusSink&) = delete;
  ~PrometheusSink() override;

  MetricSeries& series(const MetricInfo& info, std::span<const MetricTag> tags) override;
  /// Values recorded into the series that stands for all others.
  std::uint64_t overflow() const;
  /// Values that are no numbers, or less than 0 where they are added up, and those of a metric
  /// whose name the registry has for another kind already.
  std::uint64_t dropped() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
