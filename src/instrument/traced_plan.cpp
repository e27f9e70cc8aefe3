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
  std::shared_ptr<const Plan> plan_;
  TimePoint started_{};
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
    plan_ = std::move(plan);
    started_ = now();
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
  Execution execution;
  execution.plan = plan_;
  execution.target_id = plan_->target_id;
  execution.started = started_;
  execution.total = now().tick - started_.tick;
  execution.failure = Error{Error::Code::cancelled, Phase::none, "cancelled by the caller"};
  record(execution);
}

void TracedExecution::forget() {
  headers_.end();
  plan_.reset();
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
