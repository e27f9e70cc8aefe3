/// An execution as a whole: its start, its waves one after the other, its deadline, its end.

#include "client/execution_state.h"

#include <algorithm>

#include "client/execution_tell.h"
#include "client/limit_error.h"
#include "client/plan_core.h"

namespace xtrace {

ExecutionState::ExecutionState(PlanCore& core)
    : core_(core), alarm_(core.calls.loop, [this] { on_due(); }) {}

ExecutionState::~ExecutionState() = default;

void ExecutionState::prepare(std::shared_ptr<const Plan> plan, ExecuteOptions options,
                             PlanClient::OnDone on_done) {
  execution_.plan = std::move(plan);
  options_ = std::move(options);
  on_done_ = std::move(on_done);
  state_ = State::fresh;
  wave_begin_ = 0;
  winner_ = -1;
  ++core_.stats.executions;
  ++core_.stats.executed;
}

void ExecutionState::begin() {
  state_ = State::between;
  look_at_clock();
  tell_start();
  execution_.started = now();
  execution_.present = execution_.started.tick;
  execution_.target_id = plan().target_id.empty() ? core_.config.target_id : plan().target_id;
  is_repeatable_ = is_repeatable(plan());
  if (plan().deadline > Duration::zero()) deadline_due_ = tick_after(plan().deadline);
  start_wave();
}

// A handler may replace the plan under its own feet.
void ExecutionState::tell_start() {
  for (const auto& handler : core_.config.handlers.before_execution_start) handler(execution_);
  const std::shared_ptr<const Plan> kept = execution_.plan;
  for (const auto& handler : kept->handlers.before_execution_start) handler(execution_);
}

const RetryPolicy& ExecutionState::retry() const {
  return plan().retry ? *plan().retry : core_.config.retry;
}

const TimeoutPolicy& ExecutionState::timeout() const {
  return plan().timeout ? *plan().timeout : core_.config.timeout;
}

const RacePolicy& ExecutionState::race() const {
  return plan().race ? *plan().race : core_.config.race;
}

// -- waves and waits ------------------------------------------------------------------------------

void ExecutionState::start_wave() {
  state_ = State::in_wave;
  wave_begin_ = count();
  slots_.clear();
  attempts_due_ = kNever;
  is_draining_ = false;
  const Expected<void> permitted = take_place();
  if (!permitted) return refuse(permitted.error());
  if (execution_.wave > 0) ++core_.stats.retried;
  start_attempt();
}

void ExecutionState::end_wave() {
  slots_.clear();
  const bool is_final = winner_ >= 0 || execution_.failure.has_value();
  install(winner_ >= 0 ? winner_ : wave_begin_);
  if (execution_.is_plan_timeout()) tell(&PlanHandlers::after_plan_timeout);
  if (is_final) return finish();
  start_wait();
}

void ExecutionState::start_wait() {
  state_ = State::waiting;
  ++core_.stats.waiting;
  const Duration planned = std::max(retry().wait(execution_), Duration::zero());
  const bool is_asked_for = retry().wait.honours_retry_after() && retry_after_of(execution_);
  const Duration begin = execution_.elapsed();
  execution_.waits.push_back(
      {.wave = execution_.wave,
       .reason = is_asked_for ? WaitRecord::Reason::retry_after : WaitRecord::Reason::backoff,
       .planned = planned,
       .begin = begin,
       .end = begin});
  if (plan().trace.retry_scheduled) {
    plan().trace.retry_scheduled(
        {.attempt = execution_.wave + 1, .delay = planned, .error = execution_.error()});
  }
  tell(&PlanHandlers::wait_started, execution_.waits.back());
  wait_due_ = tick_after(planned);
  arm();
}

void ExecutionState::end_wait() {
  state_ = State::between;
  --core_.stats.waiting;
  wait_due_ = kNever;
  look_at_clock();
  execution_.waits.back().end = execution_.elapsed();
  tell(&PlanHandlers::wait_ended, execution_.waits.back());
}

void ExecutionState::on_deadline() {
  deadline_due_ = kNever;
  ++core_.stats.plan_timeouts;
  if (state_ == State::waiting) {
    end_wait();
    execution_.failure = plan_limit_error(Phase::none, plan().deadline);
    tell(&PlanHandlers::after_plan_timeout);
    return finish();
  }
  fail({Error::Code::plan_timeout, Phase::none, "the deadline of the plan has passed"});
}

// Ends all that is under way in the wave with `error`.
void ExecutionState::fail(Error error) {
  is_draining_ = true;
  race_due_ = kNever;
  execution_.failure = error;
  for (int index = wave_begin_; index < count(); ++index) {
    if (record(index).is_over) continue;
    cut_short(index, error);
    if (winner_ < 0) winner_ = index;
  }
  execution_.failure = record(winner_).exchange.error;
  end_wave();
}

// -- the end --------------------------------------------------------------------------------------

void ExecutionState::finish() {
  settle();
  PlanClient::OnDone done = std::move(on_done_);
  const std::weak_ptr<const bool> life = core_.life();
  is_telling_ = true;
  done(execution_);
  is_telling_ = false;
  if (self_ == nullptr) return;
  std::unique_ptr<ExecutionState> self = std::move(self_);
  if (!life.expired()) self->drop(std::move(self));
}

void ExecutionState::settle() {
  const bool has_begun = std::exchange(state_, State::over) != State::fresh;
  leave_core();
  execution_.racing = 0;
  execution_.total = execution_.elapsed();
  for (AttemptRecord& attempt : execution_.attempts) {
    const bool is_result = attempt.index == execution_.attempt;
    if (!is_result && attempt.exchange.response) attempt.exchange.response->body = {};
    const bool has_won = is_result && !execution_.failure;
    if (has_won && attempt.index > wave_begin_) ++core_.stats.rivals_won;
  }
  if (has_begun) tell(&PlanHandlers::after_execution_end);
}

// It waits for nothing any more, and counts no longer among those under way.
void ExecutionState::leave_core() {
  deadline_due_ = race_due_ = wait_due_ = attempts_due_ = kNever;
  alarm_.set(kNever);
  if (std::exchange(holds_retry_, false)) --core_.stats.retries;
  --core_.stats.executions;
}

// Of a race there may be several.
void ExecutionState::resume() {
  for (const Slot& slot : slots_) {
    if (slot.call != nullptr) slot.call->resume();
  }
}

Execution ExecutionState::abort() {
  const Error cancelled{Error::Code::cancelled, Phase::none, "cancelled by the caller"};
  unlink();
  if (execution_.started.tick == Tick{}) execution_.started = now();
  look_at_clock();
  if (state_ == State::waiting) end_wait();
  execution_.failure = cancelled;
  if (state_ == State::in_wave) {
    for (int index = count() - 1; index >= wave_begin_; --index) {
      if (record(index).is_over) continue;
      cut_short(index, cancelled);
      execution_.failure->phase = record(index).exchange.error->phase;  // of the first in the end
    }
    install(wave_begin_);
  }
  slots_.clear();
  settle();
  on_done_ = nullptr;
  return std::move(execution_);
}

void ExecutionState::drop(std::unique_ptr<ExecutionState> self) {
  if (is_telling_) {
    self_ = std::move(self);
    return;
  }
  unlink();
  if (is_running()) {
    if (state_ == State::waiting) --core_.stats.waiting;
    core_.stats.attempts -= execution_.racing;
    leave_core();
    state_ = State::over;
  }
  slots_.clear();
  on_done_ = nullptr;
  options_.before_send = nullptr;
  forget();
  core_.give_back(std::move(self));
}

// What an execution holds may be somebody else's; the memory of its lists is kept for the next.
void ExecutionState::forget() {
  execution_.plan.reset();
  execution_.target_id = {};
  execution_.started = {};
  execution_.total.reset();
  execution_.attempts.clear();
  execution_.waits.clear();
  execution_.attempt = -1;
  execution_.wave = 0;
  execution_.racing = 0;
  execution_.attempt_ends = 0;
  execution_.attempt_timeouts = 0;
  execution_.failure.reset();
  execution_.values.clear();
}

// -- time -----------------------------------------------------------------------------------------

void ExecutionState::arm() {
  alarm_.set(std::min({deadline_due_, race_due_, wait_due_, attempts_due_}));
}

void ExecutionState::on_due() {
  look_at_clock();
  const Tick present = execution_.present;
  if (deadline_due_ <= present) return on_deadline();
  if (wait_due_ <= present) {
    end_wait();
    ++execution_.wave;
    return start_wave();
  }
  if (attempts_due_ <= present) return on_attempts_due();
  if (race_due_ <= present) return on_race_due();
  arm();
}

// One attempt a time: its end may be the end of all.
void ExecutionState::on_attempts_due() {
  attempts_due_ = kNever;
  int late = -1;
  for (int index = count() - 1; index >= wave_begin_; --index) {
    if (record(index).is_over) continue;
    attempts_due_ = std::min(attempts_due_, slot(index).due);
    if (slot(index).due <= execution_.present) late = index;
  }
  arm();
  if (late >= 0) on_attempt_due(late);
}

}  // namespace xtrace
