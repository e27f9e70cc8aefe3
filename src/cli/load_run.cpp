#include "cli/load_run.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "cli/report_builder.h"

namespace xtrace::cli {

using NextStep = LoadPlan::Step::Kind;

namespace {

constexpr Duration kCollectEvery = std::chrono::seconds(1);

}  // namespace

/// One request in flight, and what is kept for the next one in its place.
struct LoadRun::Seat {
  std::size_t index = 0;
  LoadTracer::Ids ids{};
  Call call{};
  PlanCall plan_call{};
  Tick due{};
  std::uint64_t number = 0;
  bool is_warmup = false;
};

LoadRun::LoadRun(const Parts& parts)
    : parts_(parts),
      begin_(now()),
      client_(parts.loop, parts.config),
      stats_(std::make_shared<LoadStats>()),
      plan_(parts.options.repeat, begin_.tick),
      wake_(parts.loop, [this] { advance(tick_now()); }),
      grace_(parts.loop),
      progress_timer_(parts.loop),
      metrics_timer_(parts.loop) {
  if (parts.options.plan.is_plan()) {
    plans_.emplace(LoadPlans::Parts{.client = client_,
                                    .options = parts.options,
                                    .request = parts.request,
                                    .metrics = parts.metrics});
  }
  const std::size_t places = parts.options.repeat.in_flight();
  seats_.reserve(places);
  free_.reserve(places);
  for (std::size_t i = 0; i < places; ++i) {
    seats_.push_back(std::make_unique<Seat>());
    seats_.back()->index = i;
    free_.push_back(seats_.back().get());
  }
}

LoadRun::~LoadRun() = default;

void LoadRun::run() {
  SignalWatch interrupt(parts_.loop, SIGINT, [this] { end_early(LoadStop::interrupted); });
  SignalWatch terminate(parts_.loop, SIGTERM, [this] { end_early(LoadStop::terminated); });
  TurnEnd turn_end(parts_.loop, [this] { parts_.output.flush(); });
  last_end_ = plan_.begin();
  if (parts_.progress.is_wanted()) {
    progress_timer_.arm_every(LoadProgress::kInterval, [this] { show_progress(); });
  }
  if (parts_.metrics != nullptr) {
    metrics_timer_.arm_every(kCollectEvery, [this] { collect_metrics(); });
  }
  advance(tick_now());
  constexpr Duration kForever = std::chrono::hours(24 * 366 * 10);
  while (!is_over_) parts_.loop.run_until([this] { return is_over_; }, kForever);
  parts_.output.flush();
  parts_.progress.erase();
  if (parts_.metrics != nullptr) collect_metrics();
  opened_ = client_.pool_stats().total.opened - opened_before_;
}

Duration LoadRun::duration() const {
  return is_counting_ ? std::max(last_end_ - plan_.begin(), Duration{}) : Duration{};
}

void LoadRun::advance(Tick present) {
  while (!is_over_) {
    const LoadPlan::Step step = plan_.next(present);
    if (step.kind == NextStep::wait) return;
    if (step.kind == NextStep::wait_until) return wake_.arm(step.due);
    if (step.kind == NextStep::done) {
      is_over_ = true;
      return;
    }
    if (!step.is_warmup && !is_counting_) begin_counting();
    start(step, present);
  }
}

void LoadRun::begin_counting() {
  is_counting_ = true;
  numbers_ = 0;
  opened_before_ = client_.pool_stats().total.opened;
  last_end_ = plan_.begin();
  if (plans_) plans_->begin_counting();
  if (!parts_.options.repeat.duration) return;
  grace_.arm(plan_.deadline() - tick_now() + kGrace, [this] {
    plan_.stop();
    cancel_all();
  });
}

void LoadRun::start(const LoadPlan::Step& step, Tick present) {
  Seat& seat = *free_.back();
  free_.pop_back();
  seat.due = step.due;
  seat.is_warmup = step.is_warmup;
  seat.number = ++numbers_;
  const Duration passed = present - begin_.tick;
  parts_.tracer.begin_request(seat.ids,
                              begin_.wall + std::chrono::duration_cast<WallTime::duration>(passed));
  if (plans_) {
    start_plan(seat);
  } else {
    start_call(seat);
  }
}

void LoadRun::start_call(Seat& seat) {
  seat.call = client_.start(parts_.request, make_call_options(seat),
                            [this, &seat](const Exchange& exchange) { on_done(seat, exchange); });
}

void LoadRun::start_plan(Seat& seat) {
  std::optional<ClientTrace> hooks;
  if (parts_.make_hooks) hooks = parts_.make_hooks(seat.index, seat.number);
  ExecuteOptions options;
  options.before_send = [this, &seat](Request& request,
                                      const Execution& execution) -> Expected<void> {
    parts_.tracer.prepare_attempt(seat.ids, request, execution);
    if (parts_.on_attempt) parts_.on_attempt(seat.index, request);
    return {};
  };
  seat.plan_call = plans_->start(std::move(hooks), std::move(options),
                                 [this, &seat](Execution& execution) { on_done(seat, execution); });
}

CallOptions LoadRun::make_call_options(Seat& seat) {
  CallOptions options;
  if (parts_.make_hooks) options.trace = parts_.make_hooks(seat.index, seat.number);
  options.on_body = [](std::span<const std::byte>) -> Expected<xtrace::Flow> {
    return xtrace::Flow::proceed;
  };
  options.before_attempt = [this, &seat](Request& request) -> Expected<void> {
    parts_.tracer.prepare_attempt(seat.ids, request);
    if (parts_.on_attempt) parts_.on_attempt(seat.index, request);
    return {};
  };
  return options;
}

void LoadRun::on_done(Seat& seat, const Exchange& exchange) {
  const bool is_recorded = parts_.tracer.record(seat.ids, parts_.request, exchange);
  if (parts_.metrics != nullptr) record_metrics(exchange);
  count(seat,
        {.number = seat.number, .ids = seat.ids, .exchange = exchange, .is_recorded = is_recorded});
  go_on(seat);
}

void LoadRun::on_done(Seat& seat, const Execution& execution) {
  const bool is_recorded = parts_.tracer.record(seat.ids, execution);
  const Exchange exchange = final_exchange(execution);
  count(seat, {.number = seat.number,
               .ids = seat.ids,
               .exchange = exchange,
               .execution = &execution,
               .is_recorded = is_recorded});
  go_on(seat);
}

void LoadRun::go_on(Seat& seat) {
  const Tick present = tick_now();
  plan_.on_end(present);
  free_.push_back(&seat);
  if (parts_.output.is_over()) end_early(LoadStop::output_over);
  advance(present);
}

void LoadRun::record_metrics(const Exchange& exchange) {
  parts_.metrics->client().record({}, parts_.request.method, parts_.request.url, exchange);
}

void LoadRun::count(const Seat& seat, const Ended& ended) {
  if (seat.is_warmup) {
    ++warmed_up_;
    return;
  }
  const Exchange& exchange = ended.exchange;
  const Timeline& timeline = exchange.timeline;
  const Tick first = begin_of(exchange).tick;
  const Tick began = ended.execution != nullptr ? ended.execution->started.tick : first;
  const bool is_by_clock = parts_.options.repeat.rate.has_value();
  const Duration late = is_by_clock ? began - seat.due : Duration{};
  last_end_ = std::max(last_end_, timeline.started.tick + timeline.total);
  stats_->add({.exchange = exchange,
               .trace_id = seat.ids.trace,
               .number = seat.number,
               .late = late,
               .before = first - began});
  if (exchange.response && !exchange.error) {
    const GetOptions& options = parts_.options;
    const int status = exchange.response->status;
    constexpr int kFirstFailure = 400;
    const bool fails = options.fails_on_status && status >= kFirstFailure;
    if (fails || !options.expected_statuses.contains(status)) ++unwelcome_;
  }
  if (!parts_.on_ended) return;
  Ended told = ended;
  told.late = late;
  parts_.on_ended(told);
}

void LoadRun::end_early(LoadStop cause) {
  if (is_over_) return;
  stop_cause_ = cause;
  plan_.stop();
  cancel_all();
}

void LoadRun::cancel_all() {
  for (const std::unique_ptr<Seat>& seat : seats_) {
    if (!cancel(*seat)) continue;
    if (!seat->is_warmup) ++cancelled_;
    plan_.on_end(tick_now());
    free_.push_back(seat.get());
  }
  last_end_ = std::max(last_end_, tick_now());
  is_over_ = true;
}

/// False where nothing is under way.
bool LoadRun::cancel(Seat& seat) {
  if (seat.plan_call.is_running()) {
    parts_.tracer.record(seat.ids, seat.plan_call.abort());
    return true;
  }
  if (!seat.call.is_running()) return false;
  parts_.tracer.record(seat.ids, parts_.request, seat.call.abort());
  return true;
}

std::optional<RunPlan> LoadRun::plan() const {
  if (!plans_) return std::nullopt;
  return plans_->report();
}

void LoadRun::collect_metrics() {
  ClientMetrics& metrics = parts_.metrics->client();
  metrics.collect(client_.pool_stats());
  if (plans_) plans_->collect(metrics);
  parts_.tracer.collect(metrics);
  parts_.metrics->flush();
}

void LoadRun::show_progress() {
  const Duration passed = tick_now() - plan_.begin();
  if (passed < LoadProgress::kPatience) return;
  parts_.progress.show({.done = is_counting_ ? stats_->requests() : warmed_up_,
                        .most = parts_.options.repeat.requests,
                        .errors = stats_->failed(),
                        .passed = passed,
                        .limit = parts_.options.repeat.duration,
                        .is_warming_up = !is_counting_});
}

}  // namespace xtrace::cli
