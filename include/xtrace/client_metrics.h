#pragma once

/// `ClientMetrics` measures the requests of a client: the eight histograms
/// `toolkit.http.client.*`, and what pool, retries, races, breakers and emitter do
/// (docs/metrics.md lists them all).
///
///     ClientMetrics metrics(sink, {.with_client_trace_metrics = true});
///     PlanClientConfig config;
///     metrics.attach_to(config);         // every plan is measured
///     PlanClient plans(client, std::move(config));
///
/// Each physical request is measured when its attempt is over, from its timeline. On the thread of
/// the loop whose client it measures; recording takes no memory once a combination of tags was
/// seen.

#include <memory>
#include <string_view>

#include <xtrace/client.h>
#include <xtrace/emitter.h>
#include <xtrace/metrics_sink.h>
#include <xtrace/plan_client.h>

namespace xtrace {

struct ClientMetricsConfig {
  /// All eight histograms; without it `request.time` alone.
  bool with_client_trace_metrics = false;
};

class ClientMetrics {
 public:
  /// `sink` outlives it.
  explicit ClientMetrics(MetricsSink& sink, const ClientMetricsConfig& config = {});
  ClientMetrics(const ClientMetrics&) = delete;
  ClientMetrics& operator=(const ClientMetrics&) = delete;
  ~ClientMetrics();

  /// Adds the handlers that measure. The metrics outlive the client that is made with `config`.
  void attach_to(PlanClientConfig& config);

  /// For a request that was made without a plan: what it was, and what came of it, each of its
  /// physical requests by itself. An empty `target_id` is the authority of its URL.
  void record(std::string_view target_id, std::string_view method, const Url& url,
              const Exchange& exchange);

  /// A breaker's changes: for `CircuitBreakers::OnChange`.
  void record(const BreakerChange& change);

  /// Gauges and counters of what is asked for when it is wanted: before a scrape, or every few
  /// seconds. What was counted since the last call is added to the counters.
  void collect(const PoolStats& pool);
  void collect(const PlanStats& plans);
  void collect(const CircuitBreakers& breakers, Tick present);
  void collect(const EmitterStats& emitter);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
