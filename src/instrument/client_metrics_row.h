#pragma once

/// `MetricRow` collects what one request gives, so that it is recorded together.

#include <array>
#include <chrono>
#include <cstddef>

#include <xtrace/clock.h>
#include <xtrace/metrics_sink.h>

namespace xtrace {

/// To the microsecond: what is finer is the machine's noise, and takes twice the letters.
inline double milliseconds_of(Duration duration) {
  const auto rounded = std::chrono::round<std::chrono::microseconds>(duration);
  return std::chrono::duration<double, std::milli>(rounded).count();
}

class MetricRow {
 public:
  /// One of each histogram.
  static constexpr std::size_t kMost = 8;

  void clear() { count_ = 0; }
  void add(MetricSeries& series, Duration value) {
    values_[count_++] = {&series, milliseconds_of(value)};
  }

  void record_into(MetricsSink& sink) const { sink.record_all({values_.data(), count_}); }

 private:
  std::array<MetricValue, kMost> values_{};
  std::size_t count_ = 0;
};

}  // namespace xtrace
