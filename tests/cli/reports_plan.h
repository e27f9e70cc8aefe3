#pragma once

/// Reports of calls with a plan as literals.

#include <vector>

#include "cli/report.h"
#include "cli/run_report.h"

namespace xtrace::testing {

/// 200 at the first attempt: nothing to tell but pool and breaker.
cli::Report planned();
/// 503, a wait, 200.
cli::Report retried();
/// Screen 4 of the design: 503, a wait, and a race that the second wins.
cli::Report raced();
/// The racing example: five attempts in three waves; 503, a timeout beside a 429, and a body that
/// stalls beside the answer.
cli::Report racing_example();
/// Nothing was sent.
cli::Report refused_by_breaker();
/// Three attempts, all cut off while they waited for the first byte.
cli::Report cut_off_each_time();
/// A POST that met a 503.
cli::Report not_repeated();
/// Each attempt was led on by a 301; the first then met a 502.
cli::Report redirected_in_attempts();
/// The second 503 found the retry budget used up.
cli::Report out_of_budget();
/// The server asks for two seconds, and the plan has one.
cli::Report timed_out_between();
/// Two 503 that open the breaker; it then forbids rival and retry.
cli::Report stopped_by_breaker();
/// No attempt got a connection: refused, refused, and a name server that is silent.
cli::Report never_connected();
/// Ctrl-C while two attempts race.
cli::Report interrupted_race();
/// 404, a wait as `--retry-on 4xx` asks, and 404 again.
cli::Report lasting();
/// A rival that waits for the only connection of the pool until the first has answered.
cli::Report queued_rival();

std::vector<cli::Report> all_planned();

/// Adds what plans did, the breaker open, to a run.
cli::RunReport with_plan(cli::RunReport report);

}  // namespace xtrace::testing
