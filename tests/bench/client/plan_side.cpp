#include "plan_side.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <xtrace/client_metrics.h>
#include <xtrace/dogstatsd_sink.h>
#include <xtrace/plan_client.h>

#include "client_parts.h"
#include "loop/fine_timer.h"
#include "measure.h"

namespace xtrace::bench {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kInFlight = 32;

std::unique_ptr<DogStatsdSink> make_sink(std::uint16_t port) {
  auto sink = DogStatsdSink::make({.server = Address::from_ipv4({127, 0, 0, 1}, port)});
  require(sink.has_value(), "make a DogStatsdSink");
  return std::move(*sink);
}

/// All that a service would switch on.
class Plans {
 public:
  Plans(Loop& loop, std::size_t in_flight, const PlanSide& settings)
      : client_(loop, make_config(in_flight, "")) {
    if (settings.metrics_port != 0) {
      sink_ = make_sink(settings.metrics_port);
      metrics_.emplace(*sink_, ClientMetricsConfig{.with_client_trace_metrics = true});
    }
    PlanClientConfig config;
    config.target_id = "shop";
    config.breakers = std::make_shared<CircuitBreakers>(BreakerConfig{.consecutive_failures = 5});
    if (settings.races) config.race = race_percentile({});
    if (metrics_) metrics_->attach_to(config);
    plans_.emplace(client_, std::move(config));
    plan_ = std::make_shared<const Plan>(Request(parse(settings.url)));
  }

  PlanCall execute(PlanClient::OnDone on_done) {
    return plans_->execute(plan_, std::move(on_done));
  }
  PlanStats stats() const { return plans_->stats(); }

 private:
  std::unique_ptr<DogStatsdSink> sink_;
  std::optional<ClientMetrics> metrics_;
  Client client_;
  std::optional<PlanClient> plans_;
  std::shared_ptr<const Plan> plan_;
};

class PlanLoad {
 public:
  PlanLoad(const PlanSide& settings, std::size_t in_flight)
      : requests_(settings.requests), plans_(loop_, in_flight, settings), seats_(in_flight) {
    took_.reserve(requests_);
  }

  Done run() {
    begun_ = ended_ = 0;
    took_.clear();
    for (PlanCall& seat : seats_) begin(seat);
    const bool is_done = loop_.run_until([this] { return ended_ == requests_; }, seconds(120));
    require(is_done, "all answers within two minutes");
    return {.count = ended_};
  }

  /// In microseconds, rising.
  const std::vector<double>& sort_times() {
    std::sort(took_.begin(), took_.end());
    return took_;
  }
  PlanStats stats() const { return plans_.stats(); }

 private:
  void begin(PlanCall& seat) {
    if (begun_ == requests_) return;
    ++begun_;
    seat = plans_.execute([this, &seat](const Execution& execution) { end(seat, execution); });
  }

  void end(PlanCall& seat, const Execution& execution) {
    require(execution.error() == nullptr && execution.status() == 200, "GET");
    took_.push_back(std::chrono::duration<double, std::micro>(*execution.total).count());
    ++ended_;
    begin(seat);
  }

  std::size_t requests_;
  Loop loop_;
  Plans plans_;
  std::vector<PlanCall> seats_;
  std::vector<double> took_;
  std::size_t begun_ = 0;
  std::size_t ended_ = 0;
};

/// Executions by the clock, whatever becomes of them.
class Storm {
 public:
  explicit Storm(const PlanSide& settings)
      : requests_(settings.requests),
        plans_(loop_, kInFlight, settings),
        calls_(settings.requests),
        clock_(loop_, [this] { go_on(); }) {}

  void run() {
    const std::int64_t began = cpu_nanoseconds();
    due_ = std::chrono::steady_clock::now();
    go_on();
    const bool is_done = loop_.run_until([this] { return ended_ == requests_; }, seconds(60));
    require(is_done, "all failures within a minute");
    const double each =
        static_cast<double>(cpu_nanoseconds() - began) / static_cast<double>(requests_);
    std::printf("%zu %llu %.0f\n", refused_,
                static_cast<unsigned long long>(plans_.stats().attempted), each);
  }

 private:
  static constexpr Duration kGap = std::chrono::microseconds(100);

  void go_on() {
    for (const Tick present = std::chrono::steady_clock::now(); due_ <= present; due_ += kGap) {
      if (begun_ == requests_) return;
      calls_[begun_++] = plans_.execute([this](const Execution& execution) {
        require(execution.error() != nullptr, "fail");
        if (execution.error()->code == Error::Code::breaker_open) ++refused_;
        ++ended_;
      });
    }
    clock_.arm(due_);
  }

  std::size_t requests_;
  Loop loop_;
  Plans plans_;
  std::vector<PlanCall> calls_;
  FineTimer clock_;
  Tick due_{};
  std::size_t begun_ = 0;
  std::size_t ended_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace

void send_plans(const PlanSide& settings) {
  PlanLoad load(settings, kInFlight);
  work_on_order([&load] { return load.run(); });
}

void measure_tail(const PlanSide& settings) {
  PlanLoad load(settings, 8);
  load.run();  // what is seen first teaches the race
  load.run();
  const std::vector<double>& took = load.sort_times();
  const auto at = [&took](double part) {
    return took[static_cast<std::size_t>(part * static_cast<double>(took.size() - 1))];
  };
  std::printf("%.0f %.0f %.0f %llu\n", at(0.5), at(0.99), took.back(),
              static_cast<unsigned long long>(load.stats().attempted));
}

void storm(const PlanSide& settings) {
  Storm(settings).run();
}

}  // namespace xtrace::bench
