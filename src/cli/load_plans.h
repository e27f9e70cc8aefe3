#pragma once

/// `LoadPlans` sends the requests of a run as plans: they share one plan, one retry budget, one set
/// of breakers, and what a percentile race learns.

#include <memory>
#include <optional>

#include <xtrace/circuit_breaker.h>
#include <xtrace/client_trace.h>
#include <xtrace/plan_client.h>

#include "cli/metrics_setup.h"
#include "cli/options.h"
#include "cli/run_report.h"

namespace xtrace::cli {

class LoadPlans {
 public:
  struct Parts {
    Client& client;
    const GetOptions& options;
    const Request& request;
    MetricsSetup* metrics = nullptr;  ///< Null without `--metrics`.
  };

  explicit LoadPlans(const Parts& parts);
  LoadPlans(const LoadPlans&) = delete;
  LoadPlans& operator=(const LoadPlans&) = delete;
  ~LoadPlans();

  /// As `PlanClient::execute`; `trace` hears of this execution alone. Bodies go nowhere.
  PlanCall start(std::optional<ClientTrace> trace, ExecuteOptions options,
                 PlanClient::OnDone on_done);

  /// What was done so far was the warm-up.
  void begin_counting();
  RunPlan report() const;
  /// Tells the metrics what is asked for now and then.
  void collect(ClientMetrics& metrics) const;

 private:
  std::shared_ptr<CircuitBreakers> breakers_;
  std::shared_ptr<const Plan> plan_;
  PlanClient plans_;
  PlanStats before_{};
};

}  // namespace xtrace::cli
