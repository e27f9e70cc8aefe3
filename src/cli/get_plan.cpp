#include "cli/get_plan.h"

#include <csignal>
#include <utility>

#include "cli/plan_settings.h"
#include "cli/report_builder.h"
#include "loop/signal_watch.h"
#include "loop/timer.h"

namespace xtrace::cli {

GetPlan::GetPlan(const Performance& performance)
    : performance_(performance),
      decides_header_(decides_trace_header(performance.prepared.request)) {
  const std::unique_ptr<MetricsSetup>& metrics = performance.prepared.metrics;
  breakers_ = make_breakers(performance.options.plan, metrics ? &metrics->client() : nullptr);
  if (breakers_) reached_.breaker_limits = breakers_->config();
  if (performance.conversation == nullptr) return;
  Conversation::Options narration = *performance.conversation;
  if (!narration.started) narration.started = tick_now();
  narrator_ = std::make_unique<Conversation>(narration);
}

GetPlan::~GetPlan() = default;

Reached GetPlan::run() {
  Loop& loop = performance_.loop;
  Client client(loop, performance_.prepared.config);
  PlanClient plans(client, make_client_config());
  std::optional<Execution> ended;
  int ended_by = 0;
  PlanCall call = plans.execute(make(),
                                {.before_send =
                                     [this](Request& request, const Execution& execution) {
                                       return prepare_physical(request, execution);
                                     }},
                                [&ended](Execution& execution) { ended = std::move(execution); });
  const auto end_by = [&ended, &ended_by, &call](int signal) {
    if (ended) return;
    ended_by = signal;
    ended = call.abort();
  };
  SignalWatch interrupt(loop, SIGINT, [&end_by] { end_by(SIGINT); });
  SignalWatch terminate(loop, SIGTERM, [&end_by] { end_by(SIGTERM); });
  constexpr Duration kForever = std::chrono::hours(24 * 366 * 10);
  while (!ended) loop.run_until([&ended] { return ended.has_value(); }, kForever);
  collect(plans);
  return conclude(std::move(*ended), ended_by);
}

std::shared_ptr<const Plan> GetPlan::make() {
  PreparedGet& prepared = performance_.prepared;
  // The report needs what was asked for, not what was uploaded: a large body is held once.
  std::string body = std::exchange(prepared.request.body, {});
  Request request = prepared.request;
  request.body = std::move(body);
  Plan plan = make_plan(performance_.options, std::move(request));
  keeps_body_ =
      performance_.options.plan.repeats() && is_repeatable(plan) && !prepared.sink.discards();
  plan.handlers.before_read_body.emplace_back([this](Execution& execution) {
    if (!keeps_body_) take_body(execution);
  });
  plan.handlers.race_decided.emplace_back([this](Execution&, const RaceDecision& decision) {
    if (!decision.starts()) reached_.race_vetoes.push_back(decision);
  });
  if (narrator_) tell_attempts(plan.handlers);
  return std::make_shared<const Plan>(std::move(plan));
}

PlanClientConfig GetPlan::make_client_config() {
  PlanClientConfig config;
  config.breakers = breakers_;
  if (performance_.prepared.metrics) performance_.prepared.metrics->client().attach_to(config);
  return config;
}

// The hooks of each attempt are told apart by its number; what is about none of them has its own
// voice.
void GetPlan::tell_attempts(PlanHandlers& handlers) {
  handlers.before_attempt.emplace_back([this](Execution& execution) {
    *execution.trace = conversation_of(execution.attempt).hooks();
  });
  handlers.wait_started.emplace_back(
      [this](Execution&, const WaitRecord& wait) { narrator_->tell_wait(wait); });
  handlers.retry_decided.emplace_back(
      [this](Execution&, const RetryDecision& decision) { narrator_->tell_decision(decision); });
  handlers.race_decided.emplace_back(
      [this](Execution&, const RaceDecision& decision) { narrator_->tell_decision(decision); });
}

Conversation& GetPlan::conversation_of(int attempt) {
  const auto index = static_cast<std::size_t>(attempt);
  if (conversations_.size() <= index) conversations_.resize(index + 1);
  std::unique_ptr<Conversation>& conversation = conversations_[index];
  if (!conversation) {
    Conversation::Options options = narrator_->options();
    options.label = "[" + std::to_string(attempt) + "] ";
    conversation = std::make_unique<Conversation>(options);
  }
  return *conversation;
}

void GetPlan::take_body(Execution& execution) {
  OutputSink& sink = performance_.prepared.sink;
  *execution.on_body = [&sink](std::span<const std::byte> bytes) -> Expected<xtrace::Flow> {
    sink.begin();
    if (const auto written = sink.write(bytes); !written) return written.error();
    return xtrace::Flow::proceed;
  };
}

Expected<void> GetPlan::prepare_physical(Request& request, const Execution& execution) {
  const SegmentId id = SegmentId::generate();
  reached_.sent.push_back({.attempt = execution.attempt, .id = id});
  if (!decides_header_) set_trace_header(request, performance_.prepared.trace, id);
  if (narrator_) conversation_of(execution.attempt).expect(request);
  return {};
}

Reached GetPlan::conclude(Execution execution, int signal) {
  write_body(execution);
  Reached reached;
  reached.exchange = final_exchange(execution);
  reached.signal = signal;
  reached.pool = std::move(pool_);
  reached_.execution = std::move(execution);
  reached.plan = std::move(reached_);
  return reached;
}

// An answer without a body, too, takes the place of what the file held.
void GetPlan::write_body(Execution& execution) {
  if (execution.error() != nullptr || execution.response() == nullptr) return;
  OutputSink& sink = performance_.prepared.sink;
  sink.begin();
  if (!keeps_body_) return;
  const std::string body = std::exchange(execution.current().exchange.response->body, {});
  if (body.empty()) return;
  const auto written = sink.write(std::as_bytes(std::span(body)));
  if (!written) execution.failure = written.error();
}

void GetPlan::collect(const PlanClient& plans) {
  pool_ = plans.client().pool_stats();
  if (breakers_) {
    std::vector<BreakerStats> breakers = breakers_->stats(tick_now());
    if (!breakers.empty()) reached_.breaker = std::move(breakers.front());
  }
  if (!performance_.prepared.metrics) return;
  ClientMetrics& metrics = performance_.prepared.metrics->client();
  metrics.collect(plans.stats());
  if (breakers_) metrics.collect(*breakers_, tick_now());
}

}  // namespace xtrace::cli
