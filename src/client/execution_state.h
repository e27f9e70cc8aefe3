#pragma once

/// `ExecutionState` is what a `PlanCall` holds: a plan on its way, wave after wave, to the answer.
///
/// Everything happens on the loop's thread, one thing after the other. execution_state.cpp is the
/// whole from start to end and the waits, execution_wave.cpp how attempts begin and race,
/// execution_end.cpp how they end and what is decided then. Policies see the `Execution` only, so
/// all of the bookkeeping is there.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/plan_client.h>

#include "base/chain.h"
#include "client/alarm.h"
#include "client/call_state.h"

namespace xtrace {

class PlanCore;

class ExecutionState final : public Link<ExecutionState> {
 public:
  /// `core` outlives every execution of it.
  explicit ExecutionState(PlanCore& core);
  ExecutionState(const ExecutionState&) = delete;
  ExecutionState& operator=(const ExecutionState&) = delete;
  ~ExecutionState();

  /// For a new execution, which begins when `begin` is called.
  void prepare(std::shared_ptr<const Plan> plan, ExecuteOptions options,
               PlanClient::OnDone on_done);
  /// On a turn of the loop. May destroy this.
  void begin();
  bool is_running() const { return state_ != State::over; }
  /// For bodies that were paused.
  void resume();
  /// Ends it for the caller, who is not told.
  Execution abort();
  /// Silence. `self` owns this and goes back to the core, where it waits for the next execution.
  void drop(std::unique_ptr<ExecutionState> self);

 private:
  /// What an attempt of the present wave needs while it runs.
  struct Slot {
    std::unique_ptr<CallState> call{};
    Tick due = Alarm::kNever;  // when it has taken too long
    BreakerPermit permit{};
    Callback<Expected<Flow>(std::span<const std::byte>)> on_body{};
    bool is_refused_here = false;  // by a hook
  };
  enum class State : std::uint8_t { fresh, in_wave, waiting, between, over };

  const Plan& plan() const { return *execution_.plan; }
  const RetryPolicy& retry() const;
  const TimeoutPolicy& timeout() const;
  const RacePolicy& race() const;
  /// Makes attempt `index` the one that callbacks are about.
  void install(int index) { execution_.attempt = index; }
  void look_at_clock() { execution_.present = tick_now(); }
  void tell_start();
  template <class List, class... More>
  void tell(List PlanHandlers::*list, const More&... more);

  // The whole.
  void start_wave();
  void end_wave();
  void start_wait();
  void end_wait();
  void on_deadline();
  void fail(Error error);
  void finish();
  void settle();
  void forget();
  void leave_core();

  // A wave.
  Expected<void> take_place();
  void refuse(const Error& error);
  void start_attempt();
  bool has_request_handlers() const;
  void note_request(int index, const Request& request);
  void begin_clock(int index, bool is_https);
  CallOptions make_options(int index);
  void hear_responses(ClientTrace& trace, int index);
  Expected<void> prepare_physical(int index, Request& request);
  Expected<BodyTo> on_response(int index, const Response& response);
  void schedule_rival();
  void on_race_due();

  // Its end.
  void on_call_done(int index, Exchange&& exchange);
  void on_attempt_due(int index);
  void end_attempt(int index, Exchange&& exchange);
  void settle_attempt(int index, Exchange&& exchange);
  void report(int index);
  RetryDecision decide(int index);
  RetryDecision::Veto find_veto(int index);
  void halt(int winner);
  void cut_short(int index, Error error);

  // Time.
  void arm();
  void on_due();
  void on_attempts_due();

  Slot& slot(int index) { return slots_[static_cast<std::size_t>(index - wave_begin_)]; }
  AttemptRecord& record(int index) { return execution_.attempts[static_cast<std::size_t>(index)]; }
  int count() const { return static_cast<int>(execution_.attempts.size()); }

  static constexpr Tick kNever = Alarm::kNever;

  PlanCore& core_;
  Execution execution_;
  ExecuteOptions options_;
  PlanClient::OnDone on_done_;
  std::vector<Slot> slots_;  // of the present wave
  State state_ = State::over;
  int wave_begin_ = 0;             // its first attempt
  int winner_ = -1;                // whose end was final
  int starting_ = -1;              // whose start is on the stack
  std::optional<Exchange> early_;  // the end of that one, where it came at once
  bool is_repeatable_ = false;
  bool is_draining_ = false;  // no more starts in this wave
  bool holds_retry_ = false;  // of the budget
  bool is_telling_ = false;   // on_done is on the stack

  Alarm alarm_;
  Tick deadline_due_ = kNever;
  Tick race_due_ = kNever;
  Tick wait_due_ = kNever;
  Tick attempts_due_ = kNever;            // the earliest limit of one in flight, or earlier
  std::unique_ptr<ExecutionState> self_;  // dropped while on_done is on the stack
};

}  // namespace xtrace
