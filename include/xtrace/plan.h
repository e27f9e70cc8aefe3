#pragma once

/// `Plan` is one logical request and how far to go for its answer: when to try again, how long each
/// attempt may take, when to race a second against the first.
///
/// A `PlanClient` (plan_client.h) runs it. A plan is a value that is not changed while it runs, and
/// may be run any number of times. Policies decide and do no I/O; handlers see everything and run
/// on the loop's thread, in the order they were added, the client's before the plan's.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xtrace/client_trace.h>
#include <xtrace/execution.h>
#include <xtrace/http.h>
#include <xtrace/race_policy.h>
#include <xtrace/retry_policy.h>
#include <xtrace/timeout_policy.h>

namespace xtrace {

/// What is called when. The first seven are httpx's events, by name and order: for each attempt
/// `before_attempt`, `before_read_body` (not without a head), `after_attempt_timeout` (only then),
/// `after_attempt`; attempts of one wave interleave, waves do not. A redundant attempt gets
/// `after_attempt` alone. A handler must not destroy the `PlanCall`.
struct PlanHandlers {
  using Handler = std::function<void(Execution&)>;

  /// Once, with nothing set but `plan`, which it may replace.
  std::vector<Handler> before_execution_start{};
  /// Before each attempt: `request` and `trace` are its own.
  std::vector<Handler> before_attempt{};
  /// The head is there, of whatever status, and the body unread: `on_body` may be set.
  std::vector<Handler> before_read_body{};
  /// The attempt ended because something took too long.
  std::vector<Handler> after_attempt_timeout{};
  /// Every attempt, always, before anything is decided about it.
  std::vector<Handler> after_attempt{};
  /// The plan's deadline has passed; once.
  std::vector<Handler> after_plan_timeout{};
  /// Once, always, before `on_done`.
  std::vector<Handler> after_execution_end{};

  // Beyond httpx, which tells none of this.
  /// After `after_attempt`; and once more, with the veto `breaker`, where the breaker opened during
  /// the wait for a retry that was decided.
  std::vector<std::function<void(Execution&, const RetryDecision&)>> retry_decided{};
  std::vector<std::function<void(Execution&, const WaitRecord&)>> wait_started{};
  std::vector<std::function<void(Execution&, const WaitRecord&)>> wait_ended{};
  /// It was time for a rival: it starts next, or was vetoed and the wave takes no more.
  std::vector<std::function<void(Execution&, const RaceDecision&)>> race_decided{};
  /// Another attempt of the wave was final: before this one is cancelled.
  std::vector<Handler> attempt_redundant{};

  /// Adds all of `others` behind what is there.
  void append(const PlanHandlers& others);
};

/// Whether a request may be sent more than once.
enum class Repetition : std::uint8_t {
  /// GET, HEAD, OPTIONS and TRACE, and what has an `Idempotency-Key` (or `X-Idempotency-Key`). PUT
  /// and DELETE, too: RFC 9110 section 9.2.2.
  if_idempotent,
  /// Whatever the method: the caller vouches for it.
  always,
  never
};

struct Plan {
  explicit Plan(Request what) : request(std::move(what)) {}

  Request request;
  // Unset: the client's.
  std::optional<RetryPolicy> retry{};
  std::optional<TimeoutPolicy> timeout{};
  std::optional<RacePolicy> race{};
  /// Over all attempts and waits, from the start of the execution; zero: none.
  Duration deadline{};
  Repetition repetition = Repetition::if_idempotent;
  /// Who is asked, in few words that many requests share: in metrics, breakers and annotations.
  /// Empty: the client's default.
  std::string target_id{};
  /// The path with its variable parts named, `/users/{id}`: for traces, and for a
  /// `PlanClientConfig::bucket` of one's own. No tag of a metric.
  std::string endpoint_template{};
  /// Of every attempt; `race_started`, `retry_scheduled` and `attempt_redundant` too.
  ClientTrace trace{};
  PlanHandlers handlers{};
};

/// What `Repetition::if_idempotent` asks.
bool is_idempotent(const Request& request);

/// Whether `plan` may be retried and raced: its `repetition`, and a body that can be sent again.
bool is_repeatable(const Plan& plan);

}  // namespace xtrace
