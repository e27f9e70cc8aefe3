#include <xtrace/client_metrics.h>

#include "instrument/client_metrics_collect.h"
#include "instrument/client_metrics_events.h"
#include "instrument/client_metrics_pools.h"
#include "instrument/client_metrics_requests.h"

namespace xtrace {

struct ClientMetrics::Impl {
  Impl(MetricsSink& sink, const ClientMetricsConfig& config)
      : requests(sink, config),
        events(sink),
        pools(sink),
        plans(sink),
        breakers(sink),
        emitter(sink) {}

  void on_attempt_over(const Execution& execution) {
    const Request& planned = execution.plan->request;
    const AttemptRecord& attempt = execution.current();
    const auto& asked = attempt.asked;
    requests.record(execution.target_id, asked ? asked->first : planned.method,
                    asked ? asked->second : planned.url, attempt.exchange);
  }

  RequestMetrics requests;
  PlanEvents events;
  PoolMetrics pools;
  PlanMetrics plans;
  BreakerMetrics breakers;
  EmitterMetrics emitter;
};

ClientMetrics::ClientMetrics(MetricsSink& sink, const ClientMetricsConfig& config)
    : impl_(std::make_unique<Impl>(sink, config)) {}

ClientMetrics::~ClientMetrics() = default;

void ClientMetrics::attach_to(PlanClientConfig& config) {
  Impl* const impl = impl_.get();
  PlanHandlers& handlers = config.handlers;
  handlers.after_attempt.emplace_back(
      [impl](const Execution& execution) { impl->on_attempt_over(execution); });
  handlers.retry_decided.emplace_back(
      [impl](const Execution& execution, const RetryDecision& decision) {
        impl->events.on_retry_decided(execution, decision);
      });
  handlers.wait_started.emplace_back([impl](const Execution& execution, const WaitRecord&) {
    impl->events.on_wait_started(execution);
  });
  handlers.wait_ended.emplace_back([impl](const Execution& execution, const WaitRecord& wait) {
    impl->events.on_wait_ended(execution, wait);
  });
  handlers.race_decided.emplace_back(
      [impl](const Execution& execution, const RaceDecision& decision) {
        impl->events.on_race_decided(execution, decision);
      });
}

void ClientMetrics::record(std::string_view target_id, std::string_view method, const Url& url,
                           const Exchange& exchange) {
  impl_->requests.record(target_id, method, url, exchange);
}

void ClientMetrics::record(const BreakerChange& change) {
  impl_->breakers.record(change);
}

void ClientMetrics::collect(const PoolStats& pool) {
  impl_->pools.collect(pool);
}

void ClientMetrics::collect(const PlanStats& plans) {
  impl_->plans.collect(plans);
}

void ClientMetrics::collect(const CircuitBreakers& breakers, Tick present) {
  impl_->breakers.collect(breakers.stats(present));
}

void ClientMetrics::collect(const EmitterStats& emitter) {
  impl_->emitter.collect(emitter);
}

}  // namespace xtrace
