/// How attempts end, and what is decided then.

#include "client/execution_state.h"
#include "client/execution_tell.h"
#include "client/limit_error.h"
#include "client/plan_core.h"

namespace xtrace {

namespace {

// Wrong with the request or with this client: another attempt would end the same way.
bool is_local(const Error& error) {
  constexpr int kFirstOfServer = 150;
  using enum Error::Code;
  return static_cast<int>(error.code) < kFirstOfServer || error.code == client_closed ||
         error.code == cancelled || error.code == tls_config || error.code == body_source_failed ||
         error.code == body_not_repeatable;
}

}  // namespace

void ExecutionState::on_call_done(int index, Exchange&& exchange) {
  if (starting_ == index) {
    early_ = std::move(exchange);
  } else {
    end_attempt(index, std::move(exchange));
  }
}

void ExecutionState::on_attempt_due(int index) {
  Exchange exchange = slot(index).call->end(
      {Error::Code::attempt_timeout, Phase::none, "the attempt took too long"});
  exchange.error = attempt_limit_error(exchange.error->phase, *record(index).timeout);
  exchange.timeline.error = exchange.error;
  end_attempt(index, std::move(exchange));
}

void ExecutionState::end_attempt(int index, Exchange&& exchange) {
  settle_attempt(index, std::move(exchange));
  if (!record(index).decision->retries()) halt(index);
  if (execution_.racing == 0) end_wave();
}

// The end of one attempt, whatever ended it: told, counted, judged.
void ExecutionState::settle_attempt(int index, Exchange&& exchange) {
  AttemptRecord& attempt = record(index);
  attempt.exchange = std::move(exchange);
  attempt.head = nullptr;
  attempt.is_over = true;
  slot(index).call.reset();
  is_draining_ = true;
  race_due_ = kNever;
  install(index);
  look_at_clock();
  report(index);
  const Error* error = attempt.error();
  if (error != nullptr && is_timeout(error->code) && !attempt.is_redundant) {
    ++execution_.attempt_timeouts;
    ++core_.stats.attempt_timeouts;
    tell(&PlanHandlers::after_attempt_timeout);
  }
  tell(&PlanHandlers::after_attempt);
  if (const auto& observe = race().observe) observe(execution_);
  ++execution_.attempt_ends;
  --execution_.racing;
  --core_.stats.attempts;
  record(index).decision = decide(index);
  tell(&PlanHandlers::retry_decided, *record(index).decision);
}

void ExecutionState::report(int index) {
  if (!slot(index).permit) return;
  if (slot(index).is_refused_here) {  // whatever the hook's error says, nobody was asked
    slot(index).permit = BreakerPermit();
    return;
  }
  CircuitBreakers& breakers = *core_.config.breakers;
  const auto& judge = breakers.config().verdict;
  const AttemptRecord& attempt = record(index);
  breakers.report(std::move(slot(index).permit), judge ? judge(attempt) : default_verdict(attempt),
                  attempt.duration(), execution_.present);
}

RetryDecision ExecutionState::decide(int index) {
  const RetryDecision decision{.attempt = index, .veto = find_veto(index)};
  if (decision.veto == RetryDecision::Veto::budget) ++core_.stats.budget_exhausted;
  if (decision.veto == RetryDecision::Veto::breaker) ++core_.stats.breaker_refusals;
  if (decision.retries() && !std::exchange(holds_retry_, true)) ++core_.stats.retries;
  return decision;
}

RetryDecision::Veto ExecutionState::find_veto(int index) {
  using enum RetryDecision::Veto;
  const AttemptRecord& attempt = record(index);
  if (attempt.is_redundant) return redundant;
  if (execution_.failure) return execution_.is_plan_timeout() ? deadline : local;
  if (slot(index).is_refused_here) return local;
  if (attempt.error() != nullptr && is_local(*attempt.error())) return local;
  if (!retry().decide(execution_)) return policy;
  if (!is_repeatable_) return not_repeatable;
  if (core_.calls.is_closed()) return local;  // and would refuse it
  if (!core_.allows_retry(holds_retry_)) return budget;
  return core_.is_breaker_closed(execution_) ? none : breaker;
}

// Attempt `winner` is the final one: the others are not needed any more.
void ExecutionState::halt(int winner) {
  winner_ = winner;
  for (int index = wave_begin_; index < count(); ++index) {
    if (record(index).is_over) continue;
    record(index).is_redundant = true;
    ++core_.stats.redundant;
    install(index);
    tell(&PlanHandlers::attempt_redundant);
    if (plan().trace.attempt_redundant) plan().trace.attempt_redundant(index);
    cut_short(index, {Error::Code::redundant, Phase::none,
                      "not needed: attempt " + std::to_string(winner) + " was final"});
  }
}

void ExecutionState::cut_short(int index, Error error) {
  const bool is_deadline = error.code == Error::Code::plan_timeout;
  Exchange exchange = slot(index).call->end(std::move(error));
  if (is_deadline) {
    exchange.error = plan_limit_error(exchange.error->phase, plan().deadline);
    exchange.timeline.error = exchange.error;
  }
  settle_attempt(index, std::move(exchange));
}

}  // namespace xtrace
