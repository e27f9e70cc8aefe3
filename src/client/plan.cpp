#include <xtrace/plan.h>

namespace xtrace {

namespace {

template <class T>
void add(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

void PlanHandlers::append(const PlanHandlers& others) {
  add(before_execution_start, others.before_execution_start);
  add(before_attempt, others.before_attempt);
  add(before_read_body, others.before_read_body);
  add(after_attempt_timeout, others.after_attempt_timeout);
  add(after_attempt, others.after_attempt);
  add(after_plan_timeout, others.after_plan_timeout);
  add(after_execution_end, others.after_execution_end);
  add(retry_decided, others.retry_decided);
  add(wait_started, others.wait_started);
  add(wait_ended, others.wait_ended);
  add(race_decided, others.race_decided);
  add(attempt_redundant, others.attempt_redundant);
}

// RFC 9110 section 9.2.2.
bool is_idempotent(const Request& request) {
  if (request.headers.contains("Idempotency-Key") || request.headers.contains("X-Idempotency-Key"))
    return true;
  const std::string& method = request.method;
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" ||
         method == "PUT" || method == "DELETE";
}

bool is_repeatable(const Plan& plan) {
  if (plan.repetition == Repetition::never) return false;
  if (plan.request.supply && !plan.request.supply->is_repeatable) return false;
  return plan.repetition == Repetition::always || is_idempotent(plan.request);
}

}  // namespace xtrace
