#pragma once

/// `PrometheusSink` keeps metrics in a `prometheus::Registry` of prometheus-cpp, from where an
/// exposer of that library, or your own endpoint, hands them out. It is a library of its own,
/// `libxtrace-prometheus`, so that nobody else links prometheus-cpp.
///
/// Names and units follow Prometheus' rules: `toolkit.http.client.request.time` in milliseconds
/// becomes `toolkit_http_client_request_time_seconds`; counters end in `_total`. From any thread.

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
  /// Upper bounds of histograms, in seconds, rising. Unset: 1 ms to 60 s, doubling roughly.
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

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
