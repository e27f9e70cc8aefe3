#include "cli/lane_words.h"

#include <algorithm>

#include "cli/headline.h"

namespace xtrace::cli {

namespace {

using Veto = RetryDecision::Veto;

constexpr int kFirstFault = 500;
constexpr int kTooManyRequests = 429;

/// Whether it ended while all connections of its pool were taken.
bool is_queued(const AttemptView& attempt) {
  return attempt.error() != nullptr && attempt.error()->phase == Phase::queue;
}

/// What an attempt had reached when it was given up, in a few words.
std::string reached(const AttemptView& attempt) {
  const Timeline& timeline = attempt.last().timeline;
  if (attempt.status() != 0) return std::to_string(attempt.status()) + " unfinished";
  if (timeline.find(Phase::response) != nullptr) return "no byte";
  if (timeline.find(Phase::request) != nullptr) return "request unsent";
  return is_queued(attempt) ? "in the queue" : "not connected";
}

std::string_view brief_deed(Phase phase) {
  switch (phase) {
    case Phase::response:
      return ", no byte";
    case Phase::body:
      return " in the body";
    case Phase::tls:
      return " in TLS";
    case Phase::dial:
    case Phase::connect:
      return " connecting";
    case Phase::dns:
    case Phase::dns_wait:
      return " in DNS";
    case Phase::queue:
      return " in the queue";
    default:
      return "";
  }
}

/// From many words to few.
struct LaneWording {
  std::string full;
  std::string brief;
  std::string least{};
};

/// The end itself, without what follows from it.
LaneWording ending(const AttemptView& attempt, const Scale& scale) {
  const std::string took = scale.text(attempt.length());
  const std::string moment = scale.text(attempt.end);
  const Error* error = attempt.error();
  if (error == nullptr) {
    const std::string status = std::to_string(attempt.status()) + " in " + took;
    return {attempt.is_redundant ? status + ", not needed" : status, status, status};
  }
  if (error->code == Error::Code::redundant) {
    return {"cancelled at " + moment + ", " + reached(attempt), "cancelled, " + reached(attempt),
            "cancelled"};
  }
  if (error->code == Error::Code::cancelled) {
    return {"interrupted at " + moment + " " + std::string(deed_of(error->phase)),
            "interrupted at " + moment, "interrupted"};
  }
  if (is_timeout(error->code)) {
    const std::string text = "timed out after " + took;
    const std::string_view deed = brief_deed(error->phase);
    return {text + " " + std::string(deed_of(error->phase)), text + std::string(deed),
            "timed out" + std::string(deed)};
  }
  const std::string words = words_of(error->code);
  return {words + " after " + took, words, words};
}

/// What was decided then; empty where that goes without saying.
std::string_view consequence(const AttemptView& attempt, const Report& report) {
  if (!attempt.decision() || end_of(attempt, report) != LaneEnd::failed) return {};
  switch (*attempt.decision()) {
    case Veto::none:
      return ", retry";
    case Veto::not_repeatable:
      return ", not repeated";
    case Veto::budget:
      return ", no retry budget";
    case Veto::breaker:
      return ", breaker open";
    case Veto::deadline:
      return ", time is up";
    case Veto::policy:
    case Veto::local:
      return ", given up";
    case Veto::redundant:
      break;
  }
  return {};
}

/// Whether an attempt before it had the same status, as a whole answer, and was tried again for it.
bool is_retried_before(const AttemptView& attempt, const Report& report) {
  return std::ranges::any_of(view_attempts(report), [&attempt](const AttemptView& other) {
    return other.index < attempt.index && other.is_retried() && other.error() == nullptr &&
           other.status() == attempt.status();
  });
}

/// `, 2 redirects, sent again`: what the attempt had to send beside its last request.
std::string detours(const AttemptView& attempt) {
  const auto count = [&attempt](PastAttempt::Reason reason) {
    return std::ranges::count(attempt.requests, std::optional(reason), &AttemptReport::superseded);
  };
  std::string text;
  const auto redirects = count(PastAttempt::Reason::redirected);
  if (redirects > 0) text += ", " + std::to_string(redirects);
  if (redirects > 0) text += redirects == 1 ? " redirect" : " redirects";
  if (count(PastAttempt::Reason::stale_connection) > 0) text += ", sent again";
  return text;
}

}  // namespace

LaneEnd end_of(const AttemptView& attempt, const Report& report) {
  const Error* error = attempt.error();
  const bool is_cut = error != nullptr && (error->code == Error::Code::redundant ||
                                           error->code == Error::Code::cancelled);
  if (is_cut || attempt.is_redundant) return LaneEnd::cancelled;
  const bool is_final = report.plan && report.plan->winner == attempt.index;
  const int status = attempt.status();
  const bool is_fault =
      status >= kFirstFault || status == kTooManyRequests || is_retried_before(attempt, report);
  const bool is_good = error == nullptr && !is_fault && !attempt.is_retried();
  return is_final && is_good ? LaneEnd::answered : LaneEnd::failed;
}

std::vector<std::string> lane_words(const AttemptView& attempt, const Report& report,
                                    Duration later, const Scale& scale) {
  const LaneWording end = ending(attempt, scale);
  const std::string then(consequence(attempt, report));
  const std::string around = detours(attempt);
  const std::string began =
      later > Duration{} ? ", began " + format_measured(later) + " later" : std::string();
  return {end.full + around + then + began,
          end.full + around + then,
          end.brief + around + then,
          end.brief + then,
          end.least + around + then,
          end.least + then,
          end.least};
}

std::vector<std::string> wait_words(const WaitRecord& wait, const Scale& scale) {
  const std::string took = scale.text(wait.end - wait.begin);
  // A timer is late by less than this; more was left of the wait when time was up.
  const bool is_cut = wait.planned - (wait.end - wait.begin) > std::chrono::milliseconds(1);
  const std::string of = is_cut ? took + " of " + format_measured(wait.planned) : took;
  if (wait.reason != WaitRecord::Reason::retry_after) return {of, took};
  return {of + ", as Retry-After asks", of + " (Retry-After)", of, took};
}

}  // namespace xtrace::cli
