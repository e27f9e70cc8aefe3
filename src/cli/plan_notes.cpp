#include "cli/plan_notes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/paint.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

using Veto = RetryDecision::Veto;

/// Lines of one shape: what it is about, then pieces that fold under each other.
class Note {
 public:
  Note(std::string_view kind, const Style& style)
      : flow_(style, kIndent), style_(style), first_gap_(kIndent - 2 - kind.size()) {
    flow_.piece("  " + std::string(kind), Role::strong, 0);
  }

  Note& add(std::string_view text, Role role = Role::plain, std::size_t gap = 2) {
    flow_.piece(escape_for_terminal(text, style_), role,
                std::exchange(first_gap_, std::nullopt).value_or(gap));
    return *this;
  }

  std::string finish() const { return flow_.finish(); }

 private:
  static constexpr std::size_t kIndent = 11;

  Flow flow_;
  const Style& style_;
  std::optional<std::size_t> first_gap_;
};

/// `new 203.0.113.7:443 in 61ms`, `reused (idle 0.1s)`, `none`.
std::string describe_connection(const Timeline& timeline) {
  if (timeline.reused) {
    if (!timeline.idle_time) return "reused";
    return "reused (idle " + format_measured(*timeline.idle_time) + ")";
  }
  if (!timeline.remote.is_set()) return "none";
  const Span* connect = timeline.find(Phase::connect);
  const std::string text = "new " + timeline.remote.to_string();
  return connect == nullptr ? text : text + " in " + format_measured(connect->length());
}

/// Redirects may lead over several connections.
std::string describe_connections(const AttemptView& attempt) {
  std::string text;
  for (const AttemptReport* request : attempt.requests) {
    if (!text.empty()) text += ", then ";
    text += describe_connection(request->timeline);
  }
  return text;
}

std::string describe_limits(const BreakerStats& stats, const BreakerConfig* limits) {
  if (limits != nullptr && limits->consecutive_failures > 0) {
    return counted(stats.consecutive_failures, "failure") + " in a row, opens at " +
           std::to_string(limits->consecutive_failures);
  }
  const bool counts_failures = limits != nullptr && limits->failure_rate >= 1 &&
                               limits->window == BreakerConfig::Window::time;
  if (counts_failures) {
    return counted(stats.failures, "failure") + " of " + std::to_string(limits->minimum_calls) +
           " in " + format_brief(limits->window_time);
  }
  return std::to_string(stats.failures) + " of " + counted(stats.calls, "call") + " failed";
}

std::string describe_state(const BreakerStats& stats, const BreakerConfig* limits) {
  switch (stats.state) {
    case BreakerState::closed:
      return "closed (" + describe_limits(stats, limits) + ")";
    case BreakerState::half_open:
      return "half open: the next request is a probe";
    case BreakerState::open:
      break;
  }
  if (!stats.opens_for) return "open";
  return "open: nothing is sent for another " + format_measured(*stats.opens_for);
}

Role role_of(BreakerState state) {
  return state == BreakerState::open ? Role::fault : Role::plain;
}

std::string draw_pool(const PlanReport& plan, const Style& style) {
  if (!plan.pool) return {};
  const PoolCounts& counts = *plan.pool;
  std::string open = "open " + std::to_string(counts.total());
  if (counts.limit > 0) open += "/" + std::to_string(counts.limit);
  Note note("pool", style);
  note.add(plan.pool_address).add(open).add("idle " + std::to_string(counts.idle));
  return note.add("waiting " + std::to_string(counts.waiting)).finish();
}

std::string explain_veto(const RaceDecision& decision) {
  const std::string rival = "attempt " + std::to_string(decision.rival) + " was not started: ";
  return rival + (decision.veto == RaceDecision::Veto::breaker
                      ? "the circuit breaker is not closed"
                      : "the race policy had no room for it");
}

/// What RFC 9110 calls idempotent; if such a request is not repeated, its body is why.
constexpr std::array<std::string_view, 6> kIdempotent = {"GET",   "HEAD", "OPTIONS",
                                                         "TRACE", "PUT",  "DELETE"};

std::string explain_veto(const Report& report, Veto veto) {
  switch (veto) {
    case Veto::not_repeatable:
      return std::ranges::count(kIdempotent, report.method) > 0
                 ? "not tried again: the body cannot be sent twice"
                 : "not tried again: " + report.method + " is not repeated";
    case Veto::budget:
      return "not tried again: too many retries are under way (retry budget)";
    case Veto::breaker:
      return "not tried again: the circuit breaker is open";
    case Veto::deadline:
      return "not tried again: the time for all attempts is over";
    default:
      return {};
  }
}

std::string draw_vetoes(const Report& report, const Style& style) {
  std::string text;
  for (const RaceDecision& decision : report.plan->race_vetoes) {
    text += Note("race", style).add(explain_veto(decision)).finish();
  }
  for (const AttemptView& attempt : view_attempts(report)) {
    if (attempt.index != report.plan->winner || !attempt.decision()) continue;
    const std::string sentence = explain_veto(report, *attempt.decision());
    if (!sentence.empty()) text += Note("retry", style).add(sentence).finish();
  }
  return text;
}

}  // namespace

std::string draw_connections(const Report& report, const Style& style) {
  Note note("conn", style);
  for (const AttemptView& attempt : view_attempts(report)) {
    const std::string number = "attempt " + std::to_string(attempt.index) + " ";
    note.add(number + describe_connections(attempt), Role::plain, 3);
  }
  return note.finish();
}

std::string draw_plan_notes(const Report& report, const Style& style) {
  const PlanReport& plan = *report.plan;
  std::string text = draw_vetoes(report, style) + draw_pool(plan, style);
  // Where nothing was sent, the verdict says what the breaker has to say.
  if (!plan.breaker || plan.attempts == 0) return text;
  const BreakerConfig* limits = plan.breaker_limits ? &*plan.breaker_limits : nullptr;
  return text + draw_breaker(*plan.breaker, limits, style);
}

std::string draw_breaker(const BreakerStats& stats, const BreakerConfig* limits,
                         const Style& style) {
  Note note("breaker", style);
  note.add(stats.bucket);
  return note.add(describe_state(stats, limits), role_of(stats.state)).finish();
}

}  // namespace xtrace::cli
