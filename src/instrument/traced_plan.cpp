#include <string>
#include <utility>

#include <xtrace/traced_plan.h>

#include "instrument/attempt_headers.h"
#include "instrument/execution_recorder.h"

namespace xtrace {

void record_execution(const SegmentContext& parent, const Execution& execution,
                      const RecordPlanOptions& options) {
  if (!parent) return;
  std::string scratch;
  ExecutionRecorder(execution, options, scratch).record_below(parent);
}

namespace {

/// `running` as if it had been cancelled now.
Execution cut_off(const Execution& running, Tick present) {
  const Error cancelled{Error::Code::cancelled, Phase::none, "cancelled by the caller"};
  Execution ended;
  ended.plan = running.plan;
  ended.target_id = running.target_id;
  ended.started = running.started;
  ended.wave = running.wave;
  ended.attempts = running.attempts;
  ended.waits = running.waits;
  ended.total = present - running.started.tick;
  ended.failure = cancelled;
  for (AttemptRecord& attempt : ended.attempts) {
    if (attempt.is_over) continue;
    attempt.exchange.error = cancelled;
    attempt.exchange.timeline.started = attempt.started;
    attempt.exchange.timeline.total = present - attempt.started.tick;
  }
  // The wave is counted on behind its wait.
  const bool is_waiting = !ended.waits.empty() && ended.waits.back().wave == ended.wave;
  if (is_waiting) ended.waits.back().end = *ended.total;
  return ended;
}

}  // namespace

/// What a traced execution needs until it is over; used again for the next, with the memory it has.
class TracedExecution {
 public:
  explicit TracedExecution(TracedPlanClient& client) : client_(client) {}

  TracedPlanClient& client() { return client_; }

  ExecuteOptions begin(SegmentContext parent, std::shared_ptr<const Plan> plan,
                       const TracedClientOptions& settings, PlanClient::OnDone on_done);
  void finish(Execution& execution);
  void record(const Execution& execution);
  /// Of one that was destroyed before its end.
  void record_cancelled();
  void forget();

 private:
  Expected<void> prepare(Request& request, const Execution& execution);

  TracedPlanClient& client_;
  AttemptHeaders headers_;
  std::vector<SentId> sent_;
  Execution asked_;                     // before it begins
  const Execution* running_ = nullptr;  // the client's own, from its first request to its end
  bool redacts_ = true;
  PlanClient::OnDone on_done_;
  std::string scratch_;
};

ExecuteOptions TracedExecution::begin(SegmentContext parent, std::shared_ptr<const Plan> plan,
                                      const TracedClientOptions& settings,
                                      PlanClient::OnDone on_done) {
  on_done_ = std::move(on_done);
  sent_.clear();
  ExecuteOptions options;
  if (!parent.has_trace()) return options;
  if (parent) {
    asked_.target_id = plan->target_id;
    asked_.plan = std::move(plan);
    asked_.started = now();
    redacts_ = settings.redact;
  }
  headers_.begin(std::move(parent), settings.sends_traceparent);
  options.before_send = [this](Request& request, const Execution& execution) {
    return prepare(request, execution);
  };
  return options;
}

Expected<void> TracedExecution::prepare(Request& request, const Execution& execution) {
  headers_.write_into(request);
  if (headers_.parent()) {
    running_ = &execution;
    sent_.push_back({.attempt = execution.attempt, .id = headers_.sent().back()});
  }
  return {};
}

void TracedExecution::finish(Execution& execution) {
  record(execution);
  PlanClient::OnDone done = std::move(on_done_);
  done(execution);  // may destroy this
}

void TracedExecution::record(const Execution& execution) {
  if (!headers_.parent()) return;
  const RecordPlanOptions options{.redact = redacts_, .sent = sent_};
  ExecutionRecorder(execution, options, scratch_).record_below(headers_.parent());
}

void TracedExecution::record_cancelled() {
  if (!headers_.parent()) return;
  record(cut_off(running_ != nullptr ? *running_ : asked_, now().tick));
}

void TracedExecution::forget() {
  headers_.end();
  asked_.plan.reset();
  asked_.target_id = {};
  running_ = nullptr;
  on_done_ = nullptr;
}

// -- TracedPlanCall -------------------------------------------------------------------------------

TracedPlanCall::TracedPlanCall() = default;
TracedPlanCall::TracedPlanCall(TracedPlanCall&& other) noexcept = default;

TracedPlanCall& TracedPlanCall::operator=(TracedPlanCall&& other) noexcept {
  if (this != &other) {
    give_up();
    execution_ = std::move(other.execution_);
    call_ = std::move(other.call_);
  }
  return *this;
}

TracedPlanCall::~TracedPlanCall() {
  give_up();
}

TracedPlanCall::TracedPlanCall(std::unique_ptr<TracedExecution> execution, PlanCall call)
    : execution_(std::move(execution)), call_(std::move(call)) {}

Execution TracedPlanCall::abort() {
  Execution execution = call_.abort();
  execution_->record(execution);
  return execution;
}

void TracedPlanCall::resume() {
  call_.resume();
}

bool TracedPlanCall::is_running() const {
  return call_.is_running();
}

void TracedPlanCall::give_up() {
  if (execution_ == nullptr) return;
  if (call_.is_running()) execution_->record_cancelled();
  call_ = PlanCall();  // its callbacks know the execution
  execution_->forget();
  TracedPlanClient& client = execution_->client();
  client.unused_.push_back(std::move(execution_));
}

// -- TracedPlanClient -----------------------------------------------------------------------------

TracedPlanClient::TracedPlanClient(PlanClient& plans, const TracedClientOptions& options)
    : plans_(plans), options_(options) {}

TracedPlanClient::~TracedPlanClient() = default;

TracedPlanCall TracedPlanClient::execute(SegmentContext parent, std::shared_ptr<const Plan> plan,
                                         PlanClient::OnDone on_done) {
  std::unique_ptr<TracedExecution> traced;
  if (unused_.empty()) {
    traced = std::make_unique<TracedExecution>(*this);
  } else {
    traced = std::move(unused_.back());
    unused_.pop_back();
  }
  TracedExecution* const self = traced.get();
  ExecuteOptions options = self->begin(std::move(parent), plan, options_, std::move(on_done));
  return {std::move(traced),
          plans_.execute(std::move(plan), std::move(options),
                         [self](Execution& execution) { self->finish(execution); })};
}

}  // namespace xtrace
