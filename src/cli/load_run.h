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
#include "cli/load_progress.h"
#include "cli/load_stats.h"
#include "cli/load_tracer.h"
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
    const Exchange& exchange;
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

 private:
  struct Seat;

  void advance(Tick present);
  void start(const LoadPlan::Step& step, Tick present);
  void on_done(Seat& seat, const Exchange& exchange);
  void note_end(Seat& seat, const Exchange& exchange);
  void count(const Seat& seat, const Exchange& exchange, bool is_recorded);
  void begin_counting();
  void end_early(LoadStop cause);
  void cancel_all();
  void show_progress();
  CallOptions make_call_options(Seat& seat);

  Parts parts_;
  const TimePoint begin_;  // the wall clock is read once
  Client client_;
  std::shared_ptr<LoadStats> stats_;
  LoadPlan plan_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<Seat*> free_;
  FineTimer wake_;
  Timer grace_;
  Timer progress_timer_;
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
