#pragma once

/// `Report` is all that one `xtrace get` has to tell; every output format is a pure function of it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/circuit_breaker.h>
#include <xtrace/client.h>
#include <xtrace/error.h>
#include <xtrace/execution.h>
#include <xtrace/http.h>
#include <xtrace/timeline.h>

#include "cli/slo.h"

namespace xtrace::cli {

/// One physical request. `index` counts from 0 within its leg; of a plan it is the attempt's number
/// in the whole execution.
struct AttemptReport {
  int index = 0;
  int wave = 0;
  bool redundant = false;
  std::optional<Response> response;  ///< Headers already redacted unless --no-redact.
  Timeline timeline;
  /// Why it was not the last of its call; unset for the last.
  std::optional<PastAttempt::Reason> superseded{};
  /// Of a plan's attempt: whether it was tried again after it, or why not.
  std::optional<RetryDecision> decision{};
  /// What the plan gave the attempt; unset: no limit.
  std::optional<Duration> limit{};
};

/// What a plan did beyond its attempts; only where flags asked for retries, races, breakers or
/// limits for each attempt.
struct PlanReport {
  int attempts = 0;
  int waves = 0;
  int winner = -1;  ///< Number of the attempt that gave the answer; -1: none was made.
  bool is_plan_timeout = false;
  std::vector<WaitRecord> waits{};          ///< From the start of the call.
  std::vector<RaceDecision> race_vetoes{};  ///< Rivals that were not started.
  std::string pool_address{};               ///< The origin's, as `PoolStats` names it.
  std::optional<PoolCounts> pool{};         ///< Of that address, when it was over.
  std::optional<BreakerStats> breaker{};    ///< The same.
  std::optional<BreakerConfig> breaker_limits{};
};

/// One URL of a redirect chain. Without redirects there is exactly one.
struct LegReport {
  std::string url;  ///< Redacted unless --no-redact.
  std::vector<AttemptReport> attempts;
  std::string method{};  ///< What a redirect made of it.
};

struct EmitReport {
  enum class Outcome : std::uint8_t { off, sent, refused, failed };

  Outcome outcome = Outcome::off;
  std::string to;      ///< `udp://127.0.0.1:2000`, `file:/tmp/x`, `-`; empty when off.
  std::string reason;  ///< Why it was refused, failed or is off, in words for people.
  std::size_t documents = 0;
  std::size_t datagrams = 0;
  std::size_t bytes = 0;  ///< On the wire, header lines included.
  std::size_t segments = 0;
  std::size_t subsegments = 0;
};

struct Report {
  std::string trace_id;
  bool sampled = true;
  std::string method;
  std::string url;  ///< Redacted unless --no-redact.
  int exit_code = 0;
  std::optional<Error> error;
  /// A judgement of --fail or --expect-status that made `exit_code` 22, in words; empty otherwise.
  std::string judgement;
  /// What --slo asked for, and what came of it; empty without.
  std::vector<SloResult> slo;
  Timeouts limits;  ///< As asked for, so that a timeout can be shown beside its limit.
  /// With a plan, the legs are those of all attempts: a leg holds the requests to one URL at one
  /// depth of redirects, in the order they were sent.
  std::vector<LegReport> legs;
  std::optional<PlanReport> plan{};
  EmitReport emit;
  std::vector<std::string>
      documents;               ///< The segment documents, one JSON text each (--format xray).
  std::string referer{};       ///< Sent by the first request; redacted unless --no-redact.
  std::string body_file{};     ///< `-o`
  std::string redirect_url{};  ///< Where the last answer leads on to, and nobody went; redacted.

  /// The attempts of all legs, in order.
  std::vector<const AttemptReport*> attempts() const;
  /// From the start of the first to the end of the last.
  Duration total() const;
};

/// What the screen can show and the person wants.
struct Style {
  enum class Unit : std::uint8_t { automatic, microseconds, milliseconds, seconds };

  bool color = false;
  bool utf8 = false;
  int width = 80;  ///< Columns.
  Unit unit = Unit::automatic;
  bool show_headers = false;  ///< -i
};

std::string render_pretty(const Report& report, const Style& style);
std::string render_classic(const Report& report, const Style& style);
std::string render_compact(const Report& report, const Style& style);
/// `xtrace.request/1`, one line with a line feed at its end.
std::string render_json(const Report& report);
/// The segment documents, JSON lines.
std::string render_xray(const Report& report);

}  // namespace xtrace::cli
