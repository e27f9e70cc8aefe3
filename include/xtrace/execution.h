#pragma once

/// `Execution` is one run of a `Plan`: its attempts, its waits, what came of it.
///
/// It is what policies decide by and what handlers are given while it runs, and what `on_done` gets
/// in the end. Attempts are counted from 0 over the whole execution. Those that overlap form a
/// wave; without racing each wave has one attempt. The words are gogama/httpx's.

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/client.h>

namespace xtrace {

struct Plan;

/// What was decided about trying again after an attempt.
struct RetryDecision {
  /// Why not; `none` if it is tried again.
  enum class Veto : std::uint8_t {
    none,
    policy,          ///< The plan's decider says it is the final one.
    not_repeatable,  ///< The method is not idempotent, or the body cannot be sent again.
    budget,          ///< Too many retries are under way in this client.
    breaker,         ///< The circuit breaker is open.
    deadline,        ///< The plan's deadline has passed.
    redundant,       ///< Another attempt was final.
    local            ///< A request hook, the request itself or a closed client forbids it.
  };
  int attempt = 0;
  Veto veto = Veto::none;
  bool retries() const { return veto == Veto::none; }
};

/// `none`, `policy`, ...
std::string_view to_string(RetryDecision::Veto veto);

/// One attempt: a request with its redirects, from its start to its last byte.
struct AttemptRecord {
  int index = 0;
  int wave = 0;
  TimePoint started{};
  std::optional<Duration> timeout{};  ///< What it was given; unset: no limit.
  bool is_over = false;
  /// Another attempt of the wave had the final answer first. No fault: its error says `redundant`.
  bool is_redundant = false;
  bool is_probe = false;  ///< A half-open breaker let it through to find out.
  /// Made when it is over.
  std::optional<RetryDecision> decision{};
  /// Method and URL, where a handler replaced those of the plan.
  std::optional<std::pair<std::string, Url>> asked{};
  /// Complete once it is over; before, only as far as `response()` tells. Only the winner's has a
  /// body.
  Exchange exchange{};
  /// The head while the body is on its way.
  const Response* head = nullptr;

  /// Null before the head came, and where none did.
  const Response* response() const { return exchange.response ? &*exchange.response : head; }
  /// 0 without a response.
  int status() const { return response() == nullptr ? 0 : response()->status; }
  const Error* error() const { return exchange.error ? &*exchange.error : nullptr; }
  /// From its start to its end, redirects included.
  Duration duration() const { return exchange.total(); }
};

/// Time between two waves.
struct WaitRecord {
  enum class Reason : std::uint8_t { backoff, retry_after };

  int wave = 0;  ///< The one before it.
  Reason reason = Reason::backoff;
  Duration planned{};
  Duration begin{};  ///< From the start of the execution.
  Duration end{};  ///< The same as `begin` while it lasts; early where the plan's deadline struck.
};

/// `backoff`, `retry_after`.
std::string_view to_string(WaitRecord::Reason reason);

/// What was decided when it was time for a rival.
struct RaceDecision {
  enum class Veto : std::uint8_t {
    none,
    starter,  ///< The plan's starter says no.
    breaker   ///< The circuit breaker is not closed.
  };
  int rival = 0;  ///< The attempt that starts, or would have.
  Veto veto = Veto::none;
  bool starts() const { return veto == Veto::none; }
};

/// `none`, `starter`, `breaker`.
std::string_view to_string(RaceDecision::Veto veto);

struct Execution {
  std::shared_ptr<const Plan> plan{};
  /// The plan's target, or the client's default: of the one valid as long as `plan`, of the other
  /// as the client.
  std::string_view target_id{};
  /// On both clocks; after the handlers of `before_execution_start`.
  TimePoint started{};
  /// When the callback that is given this runs.
  Tick present{};
  std::optional<Duration> total{};  ///< Once it is over.

  std::vector<AttemptRecord> attempts{};  ///< In the order they started.
  std::vector<WaitRecord> waits{};
  /// Which of `attempts` a callback is about; in the end the winner. -1 while there is none.
  int attempt = -1;
  int wave = 0;
  int racing = 0;            ///< Attempts in flight, the one that calls back included.
  int attempt_ends = 0;      ///< Attempts that are over, each counted after its `after_attempt`.
  int attempt_timeouts = 0;  ///< Of those, how many took too long.
  /// What ended all of it, beyond its attempts: the plan's deadline, an open breaker, the caller.
  std::optional<Error> failure{};

  /// The request of the attempt that is about to start, in `before_attempt` only: the attempt's own
  /// copy, to be changed or replaced.
  Request* request = nullptr;
  /// The hooks of that attempt; in `before_attempt` only.
  ClientTrace* trace = nullptr;
  /// Takes the body of the attempt instead of memory, if set in `before_read_body`. The attempt may
  /// fail or lose after it has taken some. What it pauses goes on with `PlanCall::resume`.
  Callback<Expected<Flow>(std::span<const std::byte>)>* on_body = nullptr;

  bool has_attempt() const { return attempt >= 0; }
  /// The one a callback is about; there must be one.
  AttemptRecord& current() { return attempts[static_cast<std::size_t>(attempt)]; }
  const AttemptRecord& current() const { return attempts[static_cast<std::size_t>(attempt)]; }
  /// Null without one. It is the last that came, also where the deadline struck later.
  const Response* response() const { return has_attempt() ? current().response() : nullptr; }
  int status() const { return has_attempt() ? current().status() : 0; }
  /// What failed all of it, else the current attempt.
  const Error* error() const {
    if (failure) return &*failure;
    return has_attempt() ? current().error() : nullptr;
  }
  Duration elapsed() const { return present - started.tick; }
  int waves() const { return attempts.empty() ? 0 : wave + 1; }
  bool is_plan_timeout() const {
    return failure.has_value() && failure->code == Error::Code::plan_timeout;
  }

  /// For plug-ins: what they keep with an execution, by a key of their own.
  std::map<std::string, std::any, std::less<>> values{};
};

}  // namespace xtrace
