#pragma once

/// What came of the latest calls, counted: of the last so many, or of those within so much time.
/// Adding a call and asking cost the same however many there are, and allocate nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include <xtrace/circuit_breaker.h>

namespace xtrace {

/// What is counted of one call.
struct BreakerCall {
  bool is_failure = false;
  bool is_slow = false;
};

struct BreakerCounts {
  std::size_t calls = 0;
  std::size_t failures = 0;
  std::size_t slow = 0;

  void add(BreakerCall call);
  void subtract(const BreakerCounts& other);
  friend bool operator==(const BreakerCounts&, const BreakerCounts&) = default;
};

/// The latest `size` calls.
class CallWindow {
 public:
  explicit CallWindow(std::size_t size);

  void add(BreakerCall call);
  const BreakerCounts& counts() const { return counts_; }
  void clear();

 private:
  std::vector<BreakerCall> calls_;  // a ring once it is full
  std::size_t size_;
  std::size_t oldest_ = 0;
  BreakerCounts counts_;
};

/// The calls of the last `length` in ten slices: what is forgotten is forgotten a slice at a time,
/// so that it reaches back over nine to ten tenths of `length`. Time that went back counts as the
/// latest there was.
class TimeWindow {
 public:
  explicit TimeWindow(Duration length);

  void add(BreakerCall call, Tick present);
  BreakerCounts counts(Tick present) const;
  void clear();

 private:
  static constexpr std::size_t kSlices = 10;

  std::int64_t slice_of(Tick present) const;
  /// How many slices are too old at `present`, up to all.
  std::size_t outdated(Tick present) const;

  std::array<BreakerCounts, kSlices> slices_{};  // a ring
  std::size_t newest_ = 0;                       // of them
  std::int64_t newest_slice_ = 0;                // in widths since the clock began
  Duration width_;
  BreakerCounts counts_;  // of all slices
};

/// The one that `config` asks for.
class BreakerWindow {
 public:
  explicit BreakerWindow(const BreakerConfig& config);

  void add(BreakerCall call, Tick present);
  BreakerCounts counts(Tick present) const;
  void clear();

 private:
  std::variant<CallWindow, TimeWindow> window_;
};

}  // namespace xtrace
