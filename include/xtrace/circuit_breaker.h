#pragma once

/// `CircuitBreakers` stop asking a server that does not answer well: one breaker for each bucket, a
/// name that stands for who is asked.
///
/// Two steps, as work that takes time needs them: `allow` before an attempt, `report` behind it.
/// Closed, everything goes; what came of it is kept in a window. Where too much of it failed or was
/// slow the breaker opens, and `allow` fails at once. After a while it is half open and lets a few
/// probes through: if they do well it closes, else it opens again. Every change of state begins a
/// new generation, and what belongs to an older one no longer counts.
///
/// A state machine that is given the time and owns no timer: it goes from open to half open when it
/// is asked, and is then where a timer would have led it. Where threads tell different times the
/// latest is taken. From any thread; a lock for each set. Buckets are made by the first `allow` and
/// forgotten when they were closed and idle for long.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/expected.h>

namespace xtrace {

struct AttemptRecord;

enum class BreakerState : std::uint8_t { closed, open, half_open };

/// `closed`, `open`, `half_open`.
std::string_view to_string(BreakerState state);

/// What an attempt says about the server.
enum class BreakerVerdict : std::uint8_t {
  success,
  failure,
  excluded  ///< Nothing: it was cancelled, lost a race, or never left this machine.
};

/// Failures: connections that could not be had or broke, whatever took too long, 5xx, 429 and 408.
/// Excluded: redundant and cancelled attempts, those the plan's deadline cut short, requests that
/// could not be sent because of what they are, and those that waited in vain for a place in the
/// pool or for a thread: they say nothing about the server. Everything else is a success.
BreakerVerdict default_verdict(const AttemptRecord& attempt);

struct BreakerConfig {
  enum class Window : std::uint8_t { calls, time };
  enum class Forced : std::uint8_t { none, open, closed };

  // What opens it. Rates are of the calls in the window, and count from `minimum_calls` on, or from
  // a full window of calls.
  Window window = Window::time;
  std::size_t window_calls = 100;                   ///< The latest so many.
  Duration window_time = std::chrono::seconds(10);  ///< In ten slices.
  std::size_t minimum_calls = 20;
  double failure_rate = 0.5;             ///< Opens at it or above; 0: never.
  Duration slow_call{};                  ///< From it on a call is slow; 0: none is.
  double slow_rate = 1.0;                ///< Opens at it or above; 0: never.
  std::size_t consecutive_failures = 0;  ///< Opens at so many; 0: never.
  std::size_t failures = 0;  ///< Opens at so many in the window, however many calls; 0: never.

  // How it recovers.
  Duration open_for = std::chrono::seconds(5);
  /// Longer after each opening that follows a failed probe: `open_for` doubled up to it, but no
  /// shorter.
  Duration open_for_most = std::chrono::seconds(60);
  std::size_t probes = 1;  ///< Let through when half open; so many successes close it.
  /// A probe that has not ended by then has failed; so has a slow one, unless `slow_rate` is 0.
  Duration probe_deadline = std::chrono::seconds(30);

  Forced forced = Forced::none;  ///< All of them. What is forced closed goes on counting.
  Duration forget_after = std::chrono::minutes(10);
  /// Beyond, the one idle longest is forgotten: a closed one; where there is none, another; never
  /// one that was forced by name or has a permit out.
  std::size_t most_buckets = 10'000;

  /// Unset: `default_verdict`.
  std::function<BreakerVerdict(const AttemptRecord&)> verdict{};
};

/// Errors: `invalid_config`, naming the setting.
Expected<void> check_config(const BreakerConfig& config);

/// A breaker changed its state.
struct BreakerChange {
  std::string_view bucket{};
  BreakerState from{};
  BreakerState to{};
  /// `failure_rate`, `slow_rate`, `consecutive_failures`, `failures`, `probe_failed`, `probe_late`,
  /// `probes_succeeded`, `timer`, `forced`, `forgotten`.
  std::string_view reason{};
};

struct BreakerStats {
  std::string bucket{};
  BreakerState state{};  ///< What `allow` would meet; it happens no sooner.
  // In the window, which begins anew with each state; while it is open, as it was when it opened.
  std::size_t calls = 0;
  std::size_t failures = 0;
  std::size_t slow = 0;
  std::size_t consecutive_failures = 0;
  // Since the bucket was made.
  std::uint64_t allowed = 0;
  std::uint64_t rejected = 0;
  std::uint64_t opened = 0;
  std::uint64_t late = 0;               ///< Reports of an older generation, not counted.
  std::optional<Duration> opens_for{};  ///< Left until half open, while open.
};

class BreakerBucket;
class BreakerSet;

/// The right to one attempt. Move-only; destroyed without a report it counts as excluded.
class [[nodiscard]] BreakerPermit {
 public:
  BreakerPermit() = default;
  BreakerPermit(const BreakerPermit&) = delete;
  BreakerPermit& operator=(const BreakerPermit&) = delete;
  BreakerPermit(BreakerPermit&& other) noexcept
      : set_(std::move(other.set_)),
        bucket_(std::exchange(other.bucket_, nullptr)),
        generation_(other.generation_),
        started_(other.started_),
        is_probe_(std::exchange(other.is_probe_, false)) {}
  BreakerPermit& operator=(BreakerPermit&& other) noexcept;
  ~BreakerPermit() {
    if (bucket_ != nullptr) release();
  }

  explicit operator bool() const { return bucket_ != nullptr; }
  bool is_probe() const { return is_probe_; }

 private:
  friend class CircuitBreakers;
  void release() noexcept;
  std::shared_ptr<BreakerSet> set_{};
  BreakerBucket* bucket_ = nullptr;  // stays in the set until this ends
  std::uint64_t generation_ = 0;
  Tick started_{};
  bool is_probe_ = false;
};

class CircuitBreakers {
 public:
  /// Told of each change, on the thread that caused it, behind the lock; it may ask the breakers.
  /// Of two changes that two threads cause the later one may be told first.
  using OnChange = std::function<void(const BreakerChange&)>;

  /// `config` was checked.
  explicit CircuitBreakers(BreakerConfig config, OnChange on_change = {});
  CircuitBreakers(const CircuitBreakers&) = delete;
  CircuitBreakers& operator=(const CircuitBreakers&) = delete;
  /// Permits may outlive it.
  ~CircuitBreakers();

  /// Errors: `breaker_open`, naming the bucket, why it opened and when it is tried again. Nothing
  /// is allocated for a bucket that is known, and for the refusal no more than its message.
  Expected<BreakerPermit> allow(std::string_view bucket, Tick present);
  /// `permit` is one of this set's; an empty one is no report.
  void report(BreakerPermit permit, BreakerVerdict verdict, Duration took, Tick present);
  /// Whether `allow` would give a permit that is no probe: what a race asks.
  bool is_closed(std::string_view bucket, Tick present) const;
  /// Instead of what the configuration forces; `none` takes it back. A breaker that is not forced
  /// any more begins again, closed and with an empty window.
  void force(std::string_view bucket, BreakerConfig::Forced forced);

  const BreakerConfig& config() const;
  std::optional<BreakerStats> stats_of(std::string_view bucket, Tick present) const;
  /// In order of bucket.
  std::vector<BreakerStats> stats(Tick present) const;

 private:
  std::shared_ptr<BreakerSet> set_;
};

}  // namespace xtrace
