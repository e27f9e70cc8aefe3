/// How attempts begin: one by one, or rivals beside those that are slow.

#include <algorithm>

#include "client/execution_state.h"
#include "client/execution_tell.h"
#include "client/hook_table.h"
#include "client/plan_core.h"

namespace xtrace {

namespace {

bool has_hooks(const ClientTrace& trace) {
  bool has_any = false;
  for_each_hook([&](const auto& hook) { has_any = has_any || trace.*hook.member; });
  return has_any;
}

// `Duration::max()` is no more than a way to say never.
Tick later_by(Tick from, Duration delay) {
  return delay < Alarm::kNever - from ? from + delay : Alarm::kNever;
}

}  // namespace

// Before anything else is made for the attempt.
Expected<void> ExecutionState::take_place() {
  slots_.emplace_back();
  if (core_.config.breakers == nullptr) return {};
  Expected<BreakerPermit> permit =
      core_.config.breakers->allow(core_.bucket_of(execution_), execution_.present);
  if (const Error* error = permit.if_error()) {
    slots_.pop_back();
    return *error;
  }
  slots_.back().permit = std::move(permit).value();
  return {};
}

// What was reached before stays the result; only where there is nothing the refusal is.
void ExecutionState::refuse(const Error& error) {
  ++core_.stats.breaker_refusals;
  if (!execution_.has_attempt()) {
    execution_.failure = error;
    return finish();
  }
  --execution_.wave;
  RetryDecision& decision = *execution_.current().decision;
  decision.veto = RetryDecision::Veto::breaker;
  tell(&PlanHandlers::retry_decided, decision);
  finish();
}

void ExecutionState::start_attempt() {
  const int index = count();
  const std::optional<Duration> limit = timeout()(execution_);
  execution_.attempts.emplace_back();
  record(index).index = index;
  record(index).wave = execution_.wave;
  record(index).timeout = limit;
  record(index).is_probe = slot(index).permit.is_probe();
  install(index);
  ++execution_.racing;
  ++core_.stats.attempts;
  ++core_.stats.attempted;

  Request request = plan().request;
  CallOptions options = make_options(index);
  execution_.request = &request;
  execution_.trace = &options.trace;
  tell(&PlanHandlers::before_attempt);
  note_request(index, request);
  execution_.request = nullptr;
  execution_.trace = nullptr;
  if (!core_.config.response_hooks.empty()) hear_responses(options.trace, index);
  if (request.url.is_https()) static_cast<void>(core_.calls.tls.get());

  begin_clock(index, request.url.is_https());
  slot(index).call = std::make_unique<CallState>(
      core_.calls, std::move(request), std::move(options),
      [this, index](Exchange&& exchange) { on_call_done(index, std::move(exchange)); },
      record(index).started);
  starting_ = index;
  core_.calls.begin_now(*slot(index).call);
  starting_ = -1;
  if (early_) {
    Exchange exchange = std::move(*early_);
    early_.reset();
    return end_attempt(index, std::move(exchange));
  }
  schedule_rival();
}

bool ExecutionState::has_request_handlers() const {
  return !plan().handlers.before_attempt.empty() || !core_.config.handlers.before_attempt.empty();
}

void ExecutionState::note_request(int index, const Request& request) {
  if (!has_request_handlers()) return;
  // What a handler made of it is what would be sent again.
  if (plan().repetition == Repetition::if_idempotent && !is_idempotent(request))
    is_repeatable_ = false;
  const Request& planned = plan().request;
  if (request.method == planned.method && request.url.full() == planned.url.full()) return;
  record(index).asked.emplace(request.method, request.url);
}

// Behind the handlers, which are nobody's but the caller's time. For the very first attempt the
// execution's own start is as good where none ran and no TLS files were read.
void ExecutionState::begin_clock(int index, bool is_https) {
  const bool is_first = index == 0 && !is_https && !has_request_handlers();
  AttemptRecord& attempt = record(index);
  attempt.started = is_first ? execution_.started : now();
  execution_.present = attempt.started.tick;
  if (!attempt.timeout) return;
  slot(index).due = later_by(attempt.started.tick, *attempt.timeout);
  attempts_due_ = std::min(attempts_due_, slot(index).due);
}

CallOptions ExecutionState::make_options(int index) {
  CallOptions options;
  if (has_hooks(plan().trace)) options.trace = plan().trace;
  if (!core_.config.request_hooks.empty() || options_.before_send) {
    options.before_attempt = [this, index](Request& request) {
      return prepare_physical(index, request);
    };
  }
  options.on_response = [this, index](const Response& response) {
    return on_response(index, response);
  };
  if (!plan().handlers.before_read_body.empty() ||
      !core_.config.handlers.before_read_body.empty()) {
    options.on_body = [this, index](std::span<const std::byte> piece) {
      return slot(index).on_body(piece);
    };
  }
  return options;
}

void ExecutionState::hear_responses(ClientTrace& trace, int index) {
  trace.got_response_head = [this, index,
                             next = std::move(trace.got_response_head)](const Response& response) {
    install(index);
    look_at_clock();
    for (const ResponseHook& hook : core_.config.response_hooks) hook(response, execution_);
    if (next) next(response);
  };
}

Expected<void> ExecutionState::prepare_physical(int index, Request& request) {
  install(index);
  look_at_clock();
  for (const RequestHook& hook : core_.config.request_hooks) {
    if (Expected<void> allowed = hook(request, execution_); !allowed) {
      slot(index).is_refused_here = true;
      return allowed;
    }
  }
  if (!options_.before_send) return {};
  Expected<void> allowed = options_.before_send(request, execution_);
  slot(index).is_refused_here = !allowed;
  return allowed;
}

Expected<BodyTo> ExecutionState::on_response(int index, const Response& response) {
  install(index);
  look_at_clock();
  record(index).head = &response;
  execution_.on_body = &slot(index).on_body;
  tell(&PlanHandlers::before_read_body);
  execution_.on_body = nullptr;
  return slot(index).on_body ? BodyTo::consumer : BodyTo::memory;
}

// -- rivals ---------------------------------------------------------------------------------------

// Asked behind the start of the current attempt.
void ExecutionState::schedule_rival() {
  if (is_repeatable_ && !is_draining_) {
    const std::optional<Duration> after = race().schedule(execution_);
    if (after) race_due_ = later_by(execution_.current().started.tick, *after);
  }
  arm();
}

void ExecutionState::on_race_due() {
  race_due_ = kNever;
  if (core_.calls.is_closed()) return arm();  // its refusal would be the final answer
  install(count() - 1);
  RaceDecision decision{.rival = count()};
  // The starter last: it may count what it lets through.
  if (!core_.is_breaker_closed(execution_)) {
    decision.veto = RaceDecision::Veto::breaker;
  } else if (!race().start(execution_)) {
    decision.veto = RaceDecision::Veto::starter;
  }
  if (decision.starts() && !take_place()) decision.veto = RaceDecision::Veto::breaker;
  tell(&PlanHandlers::race_decided, decision);
  arm();
  if (!decision.starts()) {
    ++core_.stats.race_vetoes;
    return;
  }
  ++core_.stats.raced;
  if (plan().trace.race_started) {
    plan().trace.race_started({.attempt = count(),
                               .racing = execution_.racing + 1,
                               .after = execution_.present - execution_.current().started.tick});
  }
  start_attempt();
}

}  // namespace xtrace
