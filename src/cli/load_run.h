#pragma once

/// `LoadRun` sends one request again and again: the plan says when, one client sends, the
/// statistics and the tracer hear what became of each.
///
/// A place in flight is a `Seat`, made once and used for one request after the other: per request
/// only its trace header is built.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/loop.h>

#include "cli/load_output.h"
#include "cli/load_plan.h"
#include "cli/load_plans.h"
#include "cli/load_progress.h"
#include "cli/load_stats.h"
#include "cli/load_tracer.h"
#include "cli/metrics_setup.h"
#include "cli/options.h"
#include "loop/fine_timer.h"
#include "loop/signal_watch.h"
#include "loop/timer.h"
#include "loop/turn_end.h"

namespace xtrace::cli {

/// What ended a run before its time.
enum class LoadStop : std::uint8_t { none, interrupted, terminated, output_over };

class LoadRun {
 public:
  /// How long requests may go on that are under way when the duration is over.
  static constexpr Duration kGrace = std::chrono::seconds(2);

  /// A request that ended and counts.
  struct Ended {
    std::uint64_t number = 0;
    Duration late{};
    const LoadTracer::Ids& ids;
    const Exchange& exchange;  ///< Of a plan, what stands for it: `final_exchange`.
    const Execution* execution = nullptr;
    bool is_recorded = false;
  };

  /// All that the run works with; it outlives the run.
  struct Parts {
    Loop& loop;
    const GetOptions& options;
    const Request& request;
    const FinalizedClientConfig& config;
    LoadTracer& tracer;
    LoadOutput& output;
    LoadProgress& progress;
    MetricsSetup* metrics = nullptr;
    /// Told of each request that counts, as it ends; may be empty.
    std::function<void(const Ended&)> on_ended{};
    /// Hooks for the next request of a place in flight; may be empty.
    std::function<ClientTrace(std::size_t seat, std::uint64_t number)> make_hooks{};
    /// Told of each physical request before it is sent; may be empty.
    std::function<void(std::size_t seat, const Request& request)> on_attempt{};
  };

  explicit LoadRun(const Parts& parts);
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;
  ~LoadRun();

  /// Runs the loop until the last request is over. Once.
  void run();

  const std::shared_ptr<LoadStats>& stats() const { return stats_; }
  LoadStop stop_cause() const { return stop_cause_; }
  /// From the first request that counts could start to the end of the last.
  Duration duration() const;
  std::uint64_t opened() const { return opened_; }
  std::uint64_t cancelled() const { return cancelled_; }
  std::uint64_t missed() const { return plan_.missed(last_end_); }
  std::uint64_t unwelcome() const { return unwelcome_; }
  std::uint64_t warmed_up() const { return warmed_up_; }
  PoolStats pool() const { return client_.pool_stats(); }
  /// Of requests that were sent as plans.
  std::optional<RunPlan> plan() const;

 private:
  struct Seat;

  void advance(Tick present);
  void start(const LoadPlan::Step& step, Tick present);
  void start_call(Seat& seat);
  void start_plan(Seat& seat);
  void on_done(Seat& seat, const Exchange& exchange);
  void on_done(Seat& seat, const Execution& execution);
  void go_on(Seat& seat);
  void count(const Seat& seat, const Ended& ended);
  void record_metrics(const Exchange& exchange);
  bool cancel(Seat& seat);
  void begin_counting();
  void end_early(LoadStop cause);
  void cancel_all();
  void show_progress();
  void collect_metrics();
  CallOptions make_call_options(Seat& seat);

  Parts parts_;
  const TimePoint begin_;  // the wall clock is read once
  Client client_;
  std::optional<LoadPlans> plans_;
  std::shared_ptr<LoadStats> stats_;
  LoadPlan plan_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<Seat*> free_;
  FineTimer wake_;
  Timer grace_;
  Timer progress_timer_;
  Timer metrics_timer_;
  bool is_counting_ = false;
  bool is_over_ = false;
  LoadStop stop_cause_ = LoadStop::none;
  std::uint64_t numbers_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t unwelcome_ = 0;
  std::uint64_t warmed_up_ = 0;
  std::uint64_t opened_before_ = 0;
  std::uint64_t opened_ = 0;
  Tick last_end_{};
};

}  // namespace xtrace::cli
