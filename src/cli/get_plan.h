#pragma once

/// One request of `xtrace get` as a plan: its conversation, its ids, its body.

#include <memory>
#include <vector>

#include "cli/get_perform.h"

namespace xtrace::cli {

class GetPlan {
 public:
  /// `performance` and what it names outlive it.
  explicit GetPlan(const Performance& performance);
  GetPlan(const GetPlan&) = delete;
  GetPlan& operator=(const GetPlan&) = delete;
  ~GetPlan();

  /// Runs the loop until the plan is over or a signal ends it. Once.
  Reached run();

 private:
  std::shared_ptr<const Plan> make();
  PlanClientConfig make_client_config();
  void tell_attempts(PlanHandlers& handlers);
  void take_body(Execution& execution);
  Expected<void> prepare_physical(Request& request, const Execution& execution);
  Conversation& conversation_of(int attempt);
  Reached conclude(Execution execution, int signal);
  void write_body(Execution& execution);
  void collect(const PlanClient& plans);

  Performance performance_;
  const bool decides_header_;
  bool keeps_body_ = false;
  std::unique_ptr<Conversation> narrator_;                    // of what is about no single attempt
  std::vector<std::unique_ptr<Conversation>> conversations_;  // by attempt
  std::shared_ptr<CircuitBreakers> breakers_;
  ReachedPlan reached_;
  PoolStats pool_;
};

}  // namespace xtrace::cli
