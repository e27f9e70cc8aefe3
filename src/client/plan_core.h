#pragma once

/// `PlanCore` is what all executions of a `PlanClient` share.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <xtrace/plan_client.h>

#include "base/chain.h"
#include "client/client_core.h"
#include "client/execution_state.h"
#include "net/next_turn.h"

namespace xtrace {

class PlanCore {
 public:
  /// `client` outlives it.
  PlanCore(Client& client, PlanClientConfig config);
  PlanCore(const PlanCore&) = delete;
  PlanCore& operator=(const PlanCore&) = delete;
  ~PlanCore();

  /// One that waits for its next execution, with the memory it has.
  std::unique_ptr<ExecutionState> take();
  void give_back(std::unique_ptr<ExecutionState> state);
  /// Let `state` begin on the next turn. It takes itself off when it dies.
  void begin_later(ExecutionState& state);

  /// Which breaker the next attempt of `execution` belongs to; valid until it is asked again.
  const std::string& bucket_of(const Execution& execution);
  /// Whether the breaker lets ordinary attempts through.
  bool is_breaker_closed(const Execution& execution);
  bool allows_retry(bool is_retry_already) const;

  /// Expires with it.
  std::weak_ptr<const bool> life() const { return life_; }

  Client& client;
  ClientCore& calls;
  const PlanClientConfig config;
  PlanStats stats;

 private:
  void begin_waiting();
  const std::string& origin_of(const Url& url);

  std::string bucket_;
  // Which origin it names, without a function of the caller's.
  std::string bucket_host_;
  std::uint16_t bucket_port_ = 0;
  bool bucket_is_https_ = false;
  Chain<ExecutionState> fresh_;
  Chain<ExecutionState> beginning_;
  NextTurn next_turn_;
  std::vector<std::unique_ptr<ExecutionState>> unused_;
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>();
};

}  // namespace xtrace
