#pragma once

/// What the reports of reports_plan.h are made of. Times are in tenths of a millisecond.

#include <cstdint>
#include <vector>

#include "cli/report.h"
#include "report_parts.h"

namespace xtrace::testing {

/// Where an attempt stands among the others.
struct Place {
  int index = 0;
  int wave = 0;
  std::int64_t begin = 0;
};

/// Without a phase yet.
cli::AttemptReport attempt_at(const Place& place, std::int64_t total);
/// On a new connection: dns until 11.8 ms, tcp until 30.2, tls until 61.2, then the answer.
cli::AttemptReport fresh(const Place& place, std::int64_t total, int status);
/// The same to an address, over loopback: tcp until 0.1 ms, tls until 1.8.
cli::AttemptReport local(const Place& place, std::int64_t total, int status);
cli::AttemptReport reused(const Place& place, std::int64_t total, int status, std::int64_t idle);
/// Ends while it waits for the first byte.
void stop_waiting(cli::AttemptReport& attempt, Error error, Outcome outcome);
/// That for its limit.
void cut_off(cli::AttemptReport& attempt);
/// That because `winner` was final.
void lose(cli::AttemptReport& attempt, int winner);
cli::AttemptReport decided(cli::AttemptReport attempt, RetryDecision::Veto veto);

WaitRecord wait_after(int wave, std::int64_t begin, std::int64_t end);
/// Closed, with so many failures and nothing else.
BreakerStats breaker(std::size_t failures);
cli::Report plan_of(std::vector<cli::AttemptReport> attempts, int winner);
/// A pool of eight, and a breaker with one failure of five.
void add_pool(cli::Report& report);
void fail(cli::Report& report, const Error& error, int exit_code);

}  // namespace xtrace::testing
