#pragma once

/// `RequestMetrics` measures physical requests from their timelines: the eight histograms
/// `toolkit.http.client.*`.
///
/// A moment is recorded where it was reached. Where the request failed, the phase it died in is
/// recorded with `error` or `timeout`, and what would have followed is not. A request that was
/// given up (cancelled, or made redundant by a rival) says nothing of how long the rest would have
/// taken: what it had reached is recorded, the rest is counted as abandoned.

#include <array>
#include <optional>
#include <string_view>

#include <xtrace/client.h>
#include <xtrace/client_metrics.h>
#include <xtrace/metrics_sink.h>

#include "instrument/client_metrics_cache.h"
#include "instrument/client_metrics_row.h"
#include "instrument/client_metrics_status.h"

namespace xtrace {

class RequestMetrics {
 public:
  /// `sink` outlives it.
  RequestMetrics(MetricsSink& sink, const ClientMetricsConfig& config)
      : sink_(sink), has_all_(config.with_client_trace_metrics) {}

  /// Each physical request of `exchange`. `method` and `url` are what was asked for.
  void record(std::string_view target_id, std::string_view method, const Url& url,
              const Exchange& exchange);

 private:
  using ByOutcome = std::array<MetricSeries*, 3>;  // ok, error, timeout

  /// The series of a row, each asked for when it is needed first.
  struct Row {
    ByOutcome dns{};
    ByOutcome tcp_connect{};
    ByOutcome tls_handshake{};
    MetricSeries* got_connection = nullptr;
    ByOutcome request_written{};
    MetricSeries* first_byte = nullptr;
    SeriesByStatus request{};
    SeriesByStatus fully_read{};
    MetricSeries* cancelled = nullptr;
    MetricSeries* redundant = nullptr;
  };
  using Entry = SeriesCache<Row>::Entry;

  /// `status` is 0 where no final head came.
  void measure(const RequestKind& kind, int status, const Timeline& timeline);
  void measure_connection(Entry& entry, const Timeline& timeline);
  void measure_phase(Entry& entry, ByOutcome Row::*member, const MetricInfo& info,
                     const Span& span);
  void measure_exchange(Entry& entry, const Timeline& timeline);
  void measure_answer(Entry& entry, int status, const Timeline& timeline);
  void add_by_status(Entry& entry, SeriesByStatus Row::*member, const MetricInfo& info,
                     StatusNumber status, Duration value);
  void count_abandoned(Entry& entry, Error::Code code);

  MetricsSink& sink_;
  const bool has_all_;
  SeriesCache<Row> rows_{};
  MetricRow measured_{};  // of the request at hand
};

}  // namespace xtrace
