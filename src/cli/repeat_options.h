#pragma once

/// The heading "Repeat" of `xtrace get`: how often, how many at once, how fast.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

namespace xtrace::cli {

struct RepeatOptions {
  /// Most requests in flight that a run may ask for.
  static constexpr std::size_t kMostInFlight = 20'000;

  std::optional<std::uint64_t> requests;   ///< `-n`
  std::optional<std::size_t> concurrency;  ///< `-c`
  std::optional<double> rate;              ///< `--rate`, requests per second
  std::optional<Duration> duration;        ///< `--duration`
  std::optional<Duration> interval;        ///< `--interval`
  std::uint64_t warmup = 0;                ///< `--warmup`
  bool is_one_trace = false;               ///< `--one-trace`

  /// Whether many requests are asked for: a run, with a report of its own.
  bool is_run() const { return duration || requests.value_or(1) > 1 || warmup > 0; }
  /// How many may be in flight: `-c`, or 1, and no more than there are requests.
  std::size_t in_flight() const;
};

/// `50`, `50/s`, `3000/m`, `100/h`, as requests per second. Fails with `invalid_config`.
Expected<double> parse_request_rate(std::string_view text);

/// A whole number from 1 on. Fails with `invalid_config`.
Expected<std::uint64_t> parse_count(std::string_view text, std::uint64_t most);

/// What the flags of the heading say against each other: null, or a sentence that goes on after
/// `xtrace get`.
const char* find_contradiction(const RepeatOptions& repeat);

}  // namespace xtrace::cli
