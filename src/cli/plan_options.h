#pragma once

/// The heading "Policy" of `xtrace get`: how far to go for an answer, and `--metrics`.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/expected.h>

#include "cli/option_values.h"

namespace xtrace::cli {

/// `--retry-on`: which ends of an attempt are worth another.
struct RetryOn {
  enum class Failure : std::uint8_t {
    connect,    ///< No connection could be had.
    timeout,    ///< Something took too long.
    reset,      ///< The connection broke, or ended before the answer did.
    dns,        ///< The name could not be looked up.
    transient,  ///< What the library thinks may pass: `is_transient`.
    any         ///< Every error, and every status from 400 on.
  };

  std::vector<StatusSet::Range> statuses{};
  std::vector<Failure> failures{};

  bool covers(int status) const;
  bool covers(Error::Code code) const;
};

/// `--backoff`: a random part of `least`, twice that, ... up to `most`; or always `least`, where
/// there is no `most`.
struct Backoff {
  Duration least{};
  std::optional<Duration> most{};
};

/// `--race`: rivals after fixed times, or after a percentile of what was seen.
struct RaceAfter {
  std::vector<Duration> delays{};
  std::optional<double> percentile{};  ///< 0.95
};

/// `--breaker`: so many failures within so much time.
struct BreakerLimit {
  std::size_t failures = 0;
  Duration within{};
};

struct PlanOptions {
  std::optional<int> retries{};       ///< `--retry`
  std::optional<RetryOn> retry_on{};  ///< Unset: `429,502,503,504,transient`.
  bool honours_retry_after = false;
  std::optional<Backoff> backoff{};
  std::optional<Duration> attempt_timeout{};  ///< Zero: none.
  std::optional<RaceAfter> race{};
  bool repeats_any_method = false;
  std::optional<BreakerLimit> breaker{};
  std::optional<std::size_t> pool{};  ///< Connections to one host.
  std::string target_id{};
  std::string endpoint_template{};

  /// Whether the request is a plan. A limit of the pool alone does not make it one.
  bool is_plan() const;
  /// Whether an answer may be given up for another one.
  bool repeats() const { return retries.value_or(0) > 0 || race; }
};

/// `--metrics`
struct MetricsTarget {
  enum class Kind : std::uint8_t {
    none,
    standard_output,  ///< Prometheus' text, instead of the report.
    file,             ///< The same, for the textfile collector of a node exporter.
    statsd            ///< DogStatsD, by UDP.
  };

  Kind kind = Kind::none;
  std::string path{};
  DaemonEndpoint server{};
};

// All fail with `invalid_config`.

/// From 0 on.
Expected<int> parse_retries(std::string_view text);
/// `503,5xx,connect`
Expected<RetryOn> parse_retry_on(std::string_view text);
/// `50ms..1s`, `200ms`
Expected<Backoff> parse_backoff(std::string_view text);
/// `100ms,200ms`, `p95`
Expected<RaceAfter> parse_race(std::string_view text);
/// `5/30s`
Expected<BreakerLimit> parse_breaker(std::string_view text);
/// A few words that name who is asked.
Expected<std::string> parse_label(std::string_view text);
/// `prom`, `prom:FILE`, `statsd://HOST:PORT`
Expected<MetricsTarget> parse_metrics_target(std::string_view text);

}  // namespace xtrace::cli
