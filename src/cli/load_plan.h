#pragma once

/// `LoadPlan` decides when the next request of a run starts. It knows no client and no clock: it is
/// told the time, and says what to do.
///
/// A closed loop (no rate) has `-c` requests in flight, each followed by the next, after the pause
/// where there is one. An open loop has a schedule: request i is due i / rate after the beginning,
/// whatever became of the others. Where `-c` are in flight already it starts as soon as one of them
/// ends, and is late; its latency counts from when it was due, so that a server that stalls is not
/// spared the requests it kept from being sent (coordinated omission; wrk2 does the same).
///
/// Warm-up requests come first and all end before the first one that counts starts; the schedule
/// and the duration begin there.

#include <cstddef>
#include <cstdint>
#include <deque>

#include <xtrace/clock.h>

#include "cli/repeat_options.h"

namespace xtrace::cli {

class LoadPlan {
 public:
  struct Step {
    enum class Kind : std::uint8_t {
      start,       ///< Start a request now.
      wait_until,  ///< Ask again at `due`, or when a request ends.
      wait,        ///< Ask again when a request ends.
      done         ///< Nothing will start any more, and nothing is in flight.
    };

    Kind kind = Kind::done;
    /// Of `start`: when the request was due, which is now in a closed loop. Of `wait_until`: when
    /// to ask again.
    Tick due{};
    bool is_warmup = false;
  };

  LoadPlan(const RepeatOptions& options, Tick begin);

  /// What to do at `present`. A `start` counts as started.
  Step next(Tick present);
  void on_end(Tick present);
  /// Start nothing any more (Ctrl-C).
  void stop();

  bool is_stopped() const { return is_stopped_; }
  std::size_t in_flight() const { return in_flight_; }
  /// Of those that count.
  std::uint64_t started() const { return started_; }
  /// When the first request that counts could start; unset while the warm-up lasts.
  bool is_warming_up() const { return is_warming_up_; }
  Tick begin() const { return begin_; }
  /// When the duration is over; `Tick::max()` where there is none or the warm-up lasts.
  Tick deadline() const;
  /// Requests of the schedule that were due before the end and that never started.
  std::uint64_t missed(Tick end) const;

 private:
  Step step_by_clock(Tick present);
  Step step_in_turn(Tick present);
  Step start(Tick due);
  Tick due_of(std::uint64_t index) const;
  bool is_over(Tick present) const;
  std::uint64_t most() const;
  void end_warmup(Tick present);

  RepeatOptions options_;
  std::size_t limit_;
  Tick begin_;
  std::uint64_t started_ = 0;  // of the part that runs: warm-up, then what counts
  std::size_t in_flight_ = 0;
  std::deque<Tick> pauses_;  // when those who pause may go on; in order, for all pauses are alike
  bool is_warming_up_;
  bool is_stopped_ = false;
};

}  // namespace xtrace::cli
