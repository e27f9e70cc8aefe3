#pragma once

/// `Breaker` is the state machine of one bucket: pure, given the time, without a lock.
///
/// `advance` first, which does what the passing of time alone does, as if timers had done it when
/// they were due; then `allow`, `report` or `release`. Time never goes back.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <xtrace/circuit_breaker.h>

#include "client/breaker_window.h"

namespace xtrace {

/// A change of state.
struct BreakerStep {
  BreakerState from{};
  BreakerState to{};
  std::string_view reason{};  ///< As in `BreakerChange`.
};

/// What time alone can do: a probe is late, and what was opened for it is tried again.
struct BreakerAdvance {
  std::optional<BreakerStep> opened{};
  std::optional<BreakerStep> half_opened{};
};

/// What an attempt that may start brings back when it has ended.
struct BreakerGrant {
  std::uint64_t generation = 0;
  bool is_probe = false;
  Tick started{};
};

/// Why `allow` said no.
struct BreakerRefusal {
  bool is_forced = false;
  BreakerState state{};
  std::string_view reason{};  ///< It opened for.
  BreakerCounts counts{};     ///< When it opened.
  std::size_t consecutive_failures = 0;
  std::optional<Duration> opens_for{};
};

class Breaker {
 public:
  using Forced = BreakerConfig::Forced;

  /// `config` outlives it.
  explicit Breaker(const BreakerConfig& config);

  BreakerAdvance advance(Tick present);
  std::optional<BreakerGrant> allow(Tick present);
  /// `verdict` is no exclusion. What is granted in an older generation is late.
  std::optional<BreakerStep> report(const BreakerGrant& grant, BreakerVerdict verdict,
                                    Duration took, Tick present);
  /// It came to nothing.
  void release(const BreakerGrant& grant);
  /// Beyond what `config` forces. `none` begins again, closed, unless `config` forces it open.
  std::optional<BreakerStep> force(Forced forced);

  BreakerState state() const { return state_; }
  /// By `force`, not by its configuration.
  bool is_forced_itself() const { return forced_itself_ != Forced::none; }
  /// As it is at `present`, without the name.
  BreakerStats stats(Tick present) const;
  BreakerRefusal refusal(Tick present) const;

 private:
  /// Where time leads.
  struct Course {
    BreakerState state{};
    Tick since{};
    std::size_t failed_phases = 0;
  };

  Forced forced() const;
  Course course(Tick present) const;
  std::optional<Duration> opens_for(const Course& course, Tick present) const;
  Duration open_time(std::size_t failed_phases) const;
  /// Why it opens now; empty where it does not.
  std::string_view reason_to_open(Tick present) const;
  std::optional<BreakerStep> report_call(BreakerCall call, Tick present);
  std::optional<BreakerStep> report_probe(BreakerCall call, Tick present);
  BreakerStep open(std::string_view reason, Tick at);
  BreakerStep change(BreakerState to, std::string_view reason);
  void remove_probe(const BreakerGrant& grant);

  const BreakerConfig& config_;
  Forced forced_itself_ = Forced::none;
  BreakerState state_ = BreakerState::closed;
  std::uint64_t generation_ = 0;
  BreakerWindow window_;
  std::size_t consecutive_failures_ = 0;

  // Open.
  Tick opened_at_{};
  std::string_view reason_{};
  BreakerCounts opened_counts_{};
  std::size_t opened_in_a_row_ = 0;  // failures
  std::size_t failed_phases_ = 0;    // half-open ones since it was closed

  // Half open.
  std::vector<Tick> probes_;  // when those started that are under way, in no order
  std::size_t succeeded_ = 0;

  std::uint64_t allowed_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t opened_ = 0;
  std::uint64_t late_ = 0;
};

}  // namespace xtrace
