#pragma once

/// `LoadStats` is what a run remembers of its requests: histograms of every phase, requests on new
/// and on reused connections apart, statuses, errors, and the slowest few.
///
/// Its memory does not grow with the number of requests, and adding one allocates nothing, but for
/// the first error of a kind.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/trace_id.h>

#include "cli/latency_histogram.h"
#include "cli/metric.h"
#include "cli/slo.h"

namespace xtrace::cli {

/// One request of a run that came to its end.
struct LoadSample {
  const Exchange& exchange;
  TraceId trace_id{};
  std::uint64_t number = 0;  ///< From 1 on.
  /// From the intended start to the true one; total and ttfb count from the intended one.
  Duration late{};
  /// What came before this exchange, of a plan with several attempts; total and ttfb count it.
  Duration before{};
};

struct SlowRequest {
  Duration total{};
  std::uint64_t number = 0;
  TraceId trace_id{};
  int status = 0;
  bool is_warm = false;
};

/// Requests that failed alike.
struct ErrorCount {
  Error::Code code = Error::Code::system;
  Phase phase = Phase::none;
  std::uint64_t count = 0;
  std::string message{};  ///< Of the first of them.
};

class LoadStats {
 public:
  static constexpr std::size_t kSlowest = 5;

  void add(const LoadSample& sample);

  std::uint64_t requests() const { return answered_ + failed_; }
  std::uint64_t answered() const { return answered_; }
  std::uint64_t failed() const { return failed_; }
  /// Requests that opened a connection, and that found one; of those answered.
  std::uint64_t cold() const { return cold_; }
  std::uint64_t warm() const { return answered_ - cold_; }
  std::uint64_t body_bytes() const { return body_bytes_; }
  /// The most that a request began after its intended start.
  Duration latest() const { return latest_; }

  const LatencyHistogram& of(Metric metric, bool is_warm) const {
    return histograms_[static_cast<std::size_t>(metric)][is_warm ? 1 : 0];
  }
  /// New and reused connections together.
  LatencyHistogram of(Metric metric) const;

  /// In order of status.
  std::vector<std::pair<int, std::uint64_t>> statuses() const;
  /// The most frequent first.
  std::vector<ErrorCount> errors() const;
  /// The slowest first.
  std::vector<SlowRequest> slowest() const;

  /// A goal without a statistic is about the greatest value. Where no request was answered, goals
  /// of total and ttfb are missed.
  std::vector<SloResult> judge(const std::vector<SloGoal>& goals) const;

 private:
  static constexpr int kFirstStatus = 100;
  static constexpr std::size_t kStatuses = 900;

  void add_error(const Error& error);
  void add_slow(const SlowRequest& request);

  std::array<std::array<LatencyHistogram, 2>, kMetricCount> histograms_{};
  std::array<std::uint64_t, kStatuses> statuses_{};
  std::array<SlowRequest, kSlowest> slowest_{};  // a heap, the fastest of them on top
  std::size_t slow_count_ = 0;
  std::vector<ErrorCount> errors_;
  std::uint64_t answered_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t cold_ = 0;
  std::uint64_t body_bytes_ = 0;
  Duration latest_{};
};

}  // namespace xtrace::cli
