#pragma once

/// `PlanClient` runs plans over a `Client`: retries, races, breaks circuits, calls hooks.
///
///     PlanClient plans(client);
///     Plan plan(Request(url));
///     plan.retry = RetryPolicy{.decide = retry_times(2) && retry_transient()};
///     call = plans.execute(std::move(plan), [](Execution& execution) { ... });
///
/// On the loop's thread, as the client. Everything of one execution happens there, one thing after
/// the other, so policies and handlers need no locks. What the plans of a client share is here: its
/// defaults, the retry budget, the breakers, hooks that run for every request.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/callback.h>
#include <xtrace/circuit_breaker.h>
#include <xtrace/client.h>
#include <xtrace/execution.h>
#include <xtrace/plan.h>

namespace xtrace {

/// Runs before every physical request, redirects and requests that are sent again included, with
/// that request: what it changes is the attempt's alone. In order; the first error ends the
/// attempt, nothing is sent and nothing is tried again.
using RequestHook = std::function<Expected<void>(Request&, const Execution&)>;
/// Runs with the head of every final response, those of redirects included, before its body.
using ResponseHook = std::function<void(const Response&, const Execution&)>;

struct PlanClientConfig {
  // Where the plan says nothing.
  RetryPolicy retry{};
  TimeoutPolicy timeout = timeout_fixed(std::chrono::seconds(5));
  RacePolicy race = RacePolicy::never();
  std::string target_id{};  ///< Of plans that have none.

  RetryBudget budget{};
  /// Unset: no breakers. May be shared with other clients.
  std::shared_ptr<CircuitBreakers> breakers{};
  /// Which breaker an attempt belongs to. Unset: the plan's own `target_id`, else the origin,
  /// `https://host:port`.
  std::function<void(const Execution&, std::string& bucket)> bucket{};
  std::vector<RequestHook> request_hooks{};
  std::vector<ResponseHook> response_hooks{};
  PlanHandlers handlers{};  ///< Of every execution, before the plan's own.
};

/// For one execution.
struct ExecuteOptions {
  /// As a request hook, behind them: the place for the header of that one physical request.
  Callback<Expected<void>(Request&, const Execution&)> before_send{};
};

/// What the plans of a client did and do.
struct PlanStats {
  int executions = 0;  ///< Under way.
  int attempts = 0;    ///< In flight.
  int waiting = 0;     ///< Executions between two waves.
  int retries = 0;     ///< Retries under way, their waits included: what the budget limits.
  std::uint64_t executed = 0;
  std::uint64_t attempted = 0;
  std::uint64_t retried = 0;           ///< Waves after the first.
  std::uint64_t budget_exhausted = 0;  ///< Retries that the budget forbade.
  std::uint64_t raced = 0;             ///< Rivals started.
  std::uint64_t race_vetoes = 0;
  std::uint64_t redundant = 0;  ///< Attempts that lost.
  std::uint64_t rivals_won = 0;
  std::uint64_t attempt_timeouts = 0;
  std::uint64_t plan_timeouts = 0;
  std::uint64_t breaker_refusals = 0;  ///< Attempts that a breaker forbade.
};

class ExecutionState;

/// A plan under way. Movable; destroying it cancels every attempt of it, and no callback runs.
class [[nodiscard]] PlanCall {
 public:
  PlanCall();
  PlanCall(const PlanCall&) = delete;
  PlanCall& operator=(const PlanCall&) = delete;
  PlanCall(PlanCall&& other) noexcept;
  PlanCall& operator=(PlanCall&& other) noexcept;
  ~PlanCall();

  /// End now: attempts in flight end with `cancelled`, `after_attempt` and (where it had begun)
  /// `after_execution_end` run, `on_done` does not. Only while `is_running()`, and not from a
  /// handler, hook or policy.
  Execution abort();
  /// Go on with the bodies that an `on_body` paused, as `Call::resume` does.
  void resume();
  /// From `execute` until `on_done` or `abort()`.
  bool is_running() const;

 private:
  friend class PlanClient;
  explicit PlanCall(std::unique_ptr<ExecutionState> state);
  void give_up();
  std::unique_ptr<ExecutionState> state_;
};

class PlanClient {
 public:
  /// Runs once, on a later turn, with an execution that is over; it is the callback's to move from,
  /// and gone when it returns. It may destroy the `PlanCall`, and the clients behind it.
  using OnDone = Callback<void(Execution&)>;

  /// `client` outlives it.
  explicit PlanClient(Client& client, PlanClientConfig config = {});
  PlanClient(const PlanClient&) = delete;
  PlanClient& operator=(const PlanClient&) = delete;
  /// Calls of it must have been destroyed before.
  ~PlanClient();

  /// Begins on the next turn. A status is no error, whatever it is: what counts is
  /// `Execution::error()`.
  PlanCall execute(std::shared_ptr<const Plan> plan, ExecuteOptions options, OnDone on_done);
  PlanCall execute(std::shared_ptr<const Plan> plan, OnDone on_done);
  PlanCall execute(Plan plan, OnDone on_done);

  PlanStats stats() const;
  const PlanClientConfig& config() const;
  Client& client() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// For those who wait: runs `plan` on `thread`'s loop, where `plans` lives, and waits on this one.
/// What the plan holds runs on the loop's thread.
Execution fetch(LoopThread& thread, PlanClient& plans, std::shared_ptr<const Plan> plan);

}  // namespace xtrace
