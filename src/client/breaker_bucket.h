#pragma once

/// `BreakerBucket` is the breaker of one bucket: closed, open or half open, given the time.
///
/// Each function may change the state once, and tells in its result; whoever asked tells the world
/// behind the lock. Every change begins a new generation. From any thread; a lock of its own.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/circuit_breaker.h>

#include "client/bucket_window.h"

namespace xtrace {

class BreakerBucket {
 public:
  /// A change of state that somebody has to be told of.
  struct Change {
    BreakerState from{};
    BreakerState to{};
    std::string_view reason{};
  };
  struct Grant {
    bool is_allowed = false;
    bool is_probe = false;
    std::uint64_t generation = 0;
    std::size_t place = 0;  ///< Of a probe.
    std::optional<Change> change{};
  };

  BreakerBucket(std::string_view name, std::shared_ptr<const BreakerConfig> config);

  const std::string& name() const { return name_; }

  /// Counts one more that is out, unless it is refused.
  Grant allow(Tick present);
  /// Of one that was allowed; each is reported once. An excluded one only gives its place back.
  std::optional<Change> report(const Grant& grant, BreakerVerdict verdict, Duration took,
                               Tick present);
  std::optional<Change> force(BreakerConfig::Forced forced);

  bool is_closed() const;
  /// Why nothing is let through, as a sentence.
  std::string describe_refusal(Tick present) const;
  BreakerStats stats(Tick present);
  /// Whether forgetting it loses nothing.
  bool is_forgettable() const;

 private:
  using Counts = BucketWindow::Counts;
  using Forced = BreakerConfig::Forced;

  Forced forced() const;
  BreakerState visible_state() const;
  Change change_to(BreakerState state, std::string_view reason);
  Change open(std::string_view reason, Tick present);
  std::optional<Change> end_open_phase(Tick present);
  bool has_late_probe(Tick present) const;
  std::optional<std::size_t> take_place(Tick present);
  std::optional<Change> judge_closed(bool is_failure, bool is_slow, Tick present);
  std::optional<Change> judge_probe(bool is_failure, Tick present);
  std::string_view find_reason(const Counts& counts) const;

  const std::string name_;
  const std::shared_ptr<const BreakerConfig> config_;
  mutable std::mutex mutex_;
  BreakerState state_ = BreakerState::closed;
  Forced forced_ = Forced::none;
  std::uint64_t generation_ = 1;
  BucketWindow window_;
  std::size_t failures_in_row_ = 0;
  std::size_t out_ = 0;  // permits, of whatever generation

  // Open.
  Tick opens_until_{};
  Duration open_for_{};
  std::string_view reason_{};
  Counts when_opened_;
  // Half open: since when each probe is out; the clock's beginning where none is.
  std::vector<Tick> probes_;
  std::size_t successes_ = 0;

  std::uint64_t allowed_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t opened_ = 0;
  std::uint64_t late_ = 0;
};

}  // namespace xtrace
