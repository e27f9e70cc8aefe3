#pragma once

/// Executions and attempts as literals, for policies, which are functions of them.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/plan.h>

namespace xtrace::testing {

using namespace std::chrono_literals;

/// An attempt that is over.
struct EndedAttempt {
  int wave = 0;
  int status = 0;  ///< 0: no response.
  std::optional<Error::Code> error{};
  Duration took = 1ms;
  std::string retry_after{};
  bool is_redundant = false;
};

inline AttemptRecord make_attempt(const EndedAttempt& ended) {
  AttemptRecord attempt;
  attempt.wave = ended.wave;
  attempt.is_over = true;
  attempt.is_redundant = ended.is_redundant;
  attempt.exchange.timeline.total = ended.took;
  if (ended.status != 0) {
    attempt.exchange.response.emplace();
    attempt.exchange.response->status = ended.status;
    if (!ended.retry_after.empty())
      attempt.exchange.response->headers.add("Retry-After", ended.retry_after);
  }
  if (ended.error) attempt.exchange.error = Error{*ended.error};
  return attempt;
}

inline std::shared_ptr<const Plan> make_plan(std::string_view url = "http://example.com/",
                                             std::string method = "GET") {
  Plan plan{Request(Url::parse(url).value())};
  plan.request.method = std::move(method);
  return std::make_shared<const Plan>(std::move(plan));
}

/// What a policy sees when the last of `attempts` has ended.
inline Execution make_execution(const std::vector<EndedAttempt>& attempts) {
  Execution execution;
  execution.plan = make_plan();
  execution.started = {WallTime(1'700'000'000s), Tick(1000s)};
  execution.present = execution.started.tick;
  for (const EndedAttempt& ended : attempts) {
    execution.attempts.push_back(make_attempt(ended));
    AttemptRecord& attempt = execution.attempts.back();
    attempt.index = execution.attempt_ends++;
    attempt.started = execution.started;
    execution.wave = ended.wave;
    execution.attempt = attempt.index;
    if (ended.error && is_timeout(*ended.error)) ++execution.attempt_timeouts;
  }
  return execution;
}

}  // namespace xtrace::testing
