#pragma once

/// `RunReport` is all that many requests have to tell; every format is a pure function of it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/circuit_breaker.h>
#include <xtrace/emitter.h>
#include <xtrace/pool_stats.h>

#include "cli/load_stats.h"
#include "cli/report.h"
#include "cli/slo.h"

namespace xtrace::cli {

/// What became of the documents of a run.
struct RunEmission {
  std::string to{};          ///< As `EmitReport::to`; empty where nothing is emitted.
  std::uint64_t traces = 0;  ///< Requests that were recorded.
  EmitterStats books{};
  std::string problem{};  ///< The emitter's latest error; empty without.

  std::uint64_t lost() const;
};

/// What plans did in a run; only where flags asked for retries, races, breakers or limits for each
/// attempt. The warm-up is left out.
struct RunPlan {
  std::uint64_t retried = 0;  ///< Waves after the first.
  std::uint64_t raced = 0;    ///< Rivals started.
  std::uint64_t rivals_won = 0;
  std::uint64_t redundant = 0;         ///< Attempts that lost.
  std::uint64_t budget_exhausted = 0;  ///< Retries that the budget forbade.
  std::uint64_t breaker_refusals = 0;  ///< Attempts that a breaker forbade.
  std::uint64_t attempt_timeouts = 0;
  std::optional<BreakerStats> breaker{};  ///< When it was over.
};

struct RunReport {
  std::string method{};
  std::string url{};  ///< Redacted unless --no-redact.
  std::shared_ptr<const LoadStats> stats{};
  Duration duration{};          ///< From the first request that counts to the end of the last.
  std::uint64_t opened = 0;     ///< Connections, those of the warm-up left out.
  std::uint64_t warmup = 0;     ///< Requests that did not count.
  std::uint64_t cancelled = 0;  ///< Under way when the run ended, and given up.
  std::uint64_t missed = 0;     ///< Due by the schedule before the end, and never started.
  std::optional<double> intended_rate{};  ///< `--rate`: latency counts from the intended start.
  bool is_interrupted = false;
  std::string trace_id{};  ///< Of the one trace of `--one-trace`; empty otherwise.
  std::vector<SloResult> slo{};
  std::uint64_t unwelcome = 0;  ///< Answers that `--fail` or `--expect-status` refuse.
  RunEmission emission{};
  std::optional<PoolStats> pool{};  ///< -v
  std::optional<RunPlan> plan{};
  int exit_code = 0;

  /// Requests that were answered, each second.
  double rate() const;
};

std::string render_pretty(const RunReport& report, const Style& style);
/// One line.
std::string render_compact(const RunReport& report, const Style& style);
/// `xtrace.run/1`, one line with a line feed at its end.
std::string render_json(const RunReport& report);
/// `[{"key":...,"stat":null,"value_us":1,"limit_us":2,"ok":true}]`, or `null` for no goals.
std::string slo_to_json(const std::vector<SloResult>& results);
/// One line for each goal; empty where there is none.
std::string render_slo(const std::vector<SloResult>& results, const Style& style);

}  // namespace xtrace::cli
