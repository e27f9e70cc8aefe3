#include "stage/promises.h"

#include <algorithm>
#include <string_view>

#include <xtrace/trace_header.h>

namespace xtrace::examples {

namespace {

using End = PromisedAttempt::End;

std::string to_string(End end) {
  switch (end) {
    case End::timed_out:
      return "a timeout";
    case End::redundant:
      return "redundant";
    case End::answered:
      break;
  }
  return "answered";
}

std::string end_of(const AttemptRecord& attempt) {
  if (attempt.is_redundant) return to_string(End::redundant);
  if (attempt.error() == nullptr) return to_string(End::answered);
  if (is_timeout(attempt.error()->code)) return to_string(End::timed_out);
  return attempt.error()->message;
}

std::string to_connection(bool is_reused) {
  return is_reused ? "a reused connection" : "a new connection";
}

void compare(const PromisedAttempt& promised, const AttemptRecord& attempt,
             std::vector<std::string>& broken) {
  const auto check = [&attempt, &broken](const std::string& expected, const std::string& actual) {
    if (expected == actual) return;
    broken.push_back("attempt " + std::to_string(attempt.index) + " should be " + expected +
                     ", and is " + actual);
  };
  check("of wave " + std::to_string(promised.wave), "of wave " + std::to_string(attempt.wave));
  check("on " + to_connection(promised.is_reused),
        "on " + to_connection(attempt.exchange.timeline.reused));
  check(to_string(promised.end), end_of(attempt));
  check("of status " + std::to_string(promised.status),
        "of status " + std::to_string(attempt.status()));
}

void check_parents(std::span<const ReceivedRequest> received, const TraceId& trace_id,
                   std::vector<std::string>& broken) {
  std::vector<std::string> parents;
  for (const ReceivedRequest& request : received) {
    const TraceHeader header = parse_trace_header(request.trace_header);
    if (header.root != trace_id || header.parent.empty()) {
      broken.push_back("a request should be of trace " + trace_id.to_string() +
                       ", and came with the header '" + request.trace_header + "'");
      return;
    }
    if (std::find(parents.begin(), parents.end(), header.parent) != parents.end()) {
      broken.push_back("each request should name a parent of its own, and two named " +
                       header.parent);
    }
    parents.push_back(header.parent);
  }
}

}  // namespace

std::vector<std::string> find_broken_promises(std::span<const PromisedAttempt> promised,
                                              const Execution& execution,
                                              std::span<const ReceivedRequest> received,
                                              const TraceId& trace_id) {
  std::vector<std::string> broken;
  if (execution.attempts.size() != promised.size() || received.size() != promised.size()) {
    broken.push_back("there should be " + std::to_string(promised.size()) +
                     " attempts, and there were " + std::to_string(execution.attempts.size()) +
                     ", of which the server saw " + std::to_string(received.size()));
  }
  const std::size_t both = std::min(execution.attempts.size(), promised.size());
  for (std::size_t i = 0; i < both; ++i) compare(promised[i], execution.attempts[i], broken);
  const Response* response = execution.response();
  if (response == nullptr || response->body != kFinalBody) {
    broken.push_back("the answer should be '" + std::string(kFinalBody) + "', and is '" +
                     (response == nullptr ? std::string() : response->body) + "'");
  }
  if (!trace_id.is_noop()) check_parents(received, trace_id, broken);
  return broken;
}

}  // namespace xtrace::examples
