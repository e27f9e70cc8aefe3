#pragma once

/// `BucketWindow` counts the latest results of one breaker: so many calls, or so long a time in
/// ten slices. Recording and asking take the same time however large it is, and no memory.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <xtrace/circuit_breaker.h>
#include <xtrace/clock.h>

namespace xtrace {

class BucketWindow {
 public:
  struct Counts {
    std::size_t calls = 0;
    std::size_t failures = 0;
    std::size_t slow = 0;

    Counts& operator+=(const Counts& more);
    Counts& operator-=(const Counts& less);
    friend bool operator==(const Counts&, const Counts&) = default;
  };

  /// Its kind and size; takes all the memory it will ever need.
  explicit BucketWindow(const BreakerConfig& config);

  /// `present` never goes back by more than other threads' clocks differ: then it counts as the
  /// latest moment seen.
  void record(bool is_failure, bool is_slow, Tick present);
  Counts counts(Tick present);
  void clear();

 private:
  static constexpr std::size_t kSlices = 10;

  void record_call(const Counts& call);
  void advance(Tick present);

  bool is_by_time_;
  Counts total_;
  // By calls: a ring.
  std::vector<std::uint8_t> calls_;
  std::size_t next_ = 0;
  // By time: a ring of slices.
  std::array<Counts, kSlices> slices_{};
  Duration slice_{};
  std::int64_t latest_ = 0;  // number of the latest slice, since the clock's beginning
};

}  // namespace xtrace
