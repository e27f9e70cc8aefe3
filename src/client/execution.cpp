#include <xtrace/execution.h>

namespace xtrace {

std::string_view to_string(RetryDecision::Veto veto) {
  using enum RetryDecision::Veto;
  switch (veto) {
    case none:
      return "none";
    case policy:
      return "policy";
    case not_repeatable:
      return "not_repeatable";
    case budget:
      return "budget";
    case breaker:
      return "breaker";
    case deadline:
      return "deadline";
    case redundant:
      return "redundant";
    case local:
      return "local";
  }
  return "none";
}

std::string_view to_string(RaceDecision::Veto veto) {
  using enum RaceDecision::Veto;
  switch (veto) {
    case none:
      return "none";
    case starter:
      return "starter";
    case breaker:
      return "breaker";
  }
  return "none";
}

std::string_view to_string(WaitRecord::Reason reason) {
  return reason == WaitRecord::Reason::retry_after ? "retry_after" : "backoff";
}

}  // namespace xtrace
