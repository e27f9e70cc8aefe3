#pragma once

/// `MetricsSink` is where numbers about requests go: Prometheus (prometheus_sink.h), DogStatsD
/// (dogstatsd_sink.h), or your own.
///
/// Whoever records asks for a series once, by name and tags, and keeps it: recording into it takes
/// no memory and no lookup. What becomes known together is recorded together. From any
/// thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace xtrace {

/// What is measured. Its texts are literals.
struct MetricInfo {
  enum class Kind : std::uint8_t {
    histogram,  ///< A value of each event.
    counter,    ///< What is added up; values are added to it.
    gauge       ///< What is now; the latest value counts.
  };
  enum class Unit : std::uint8_t { none, milliseconds, bytes };

  std::string_view name{};  ///< `toolkit.http.client.request.time`
  Kind kind = Kind::histogram;
  Unit unit = Unit::none;
  std::string_view help{};
};

struct MetricTag {
  std::string_view key{};
  std::string_view value{};
};

/// One metric with one set of tags.
class MetricSeries {
 public:
  virtual ~MetricSeries() = default;
  /// In the metric's unit. Never blocks, never allocates, never fails; what is lost is counted by
  /// the sink.
  virtual void record(double value) noexcept = 0;
};

/// A value on its way into its series.
struct MetricValue {
  MetricSeries* series = nullptr;
  double value = 0;
};

class MetricsSink {
 public:
  virtual ~MetricsSink() = default;
  /// The series of `info` with these tags, the same for the same ones, in whatever order the tags
  /// are given. It lives as long as the sink. A sink that has as many series as it may have gives
  /// one that stands for all others, its tag values `other`, and counts.
  virtual MetricSeries& series(const MetricInfo& info, std::span<const MetricTag> tags) = 0;
  /// Records each value into its series, which is one of this sink's. A sink may override it where
  /// several at once cost less than one by one: one lock, one look at the clock. It promises what
  /// `MetricSeries::record` does.
  virtual void record_all(std::span<const MetricValue> values) noexcept {
    for (const MetricValue& each : values) each.series->record(each.value);
  }
  /// Sends what waits to be sent, where there is such a thing.
  virtual void flush() {}
};

}  // namespace xtrace
