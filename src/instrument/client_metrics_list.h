#pragma once

/// Every metric of `ClientMetrics`. docs/metrics.md has them with their tags and meanings, and a
/// lint test holds the two against each other.

#include <xtrace/metrics_sink.h>

namespace xtrace::metric {

using enum MetricInfo::Kind;
using enum MetricInfo::Unit;

// -- each physical request ------------------------------------------------------------------------

inline constexpr MetricInfo kDns{.name = "toolkit.http.client.dns.time",
                                 .kind = histogram,
                                 .unit = milliseconds,
                                 .help = "DNS query of a new connection, start to end."};
inline constexpr MetricInfo kTcpConnect{.name = "toolkit.http.client.tcp_connect.time",
                                        .kind = histogram,
                                        .unit = milliseconds,
                                        .help = "TCP dial of a new connection, start to end."};
inline constexpr MetricInfo kTlsHandshake{.name = "toolkit.http.client.tls_handshake.time",
                                          .kind = histogram,
                                          .unit = milliseconds,
                                          .help = "TLS handshake of a new connection."};
inline constexpr MetricInfo kGotConnection{.name = "toolkit.http.client.got_connection.time",
                                           .kind = histogram,
                                           .unit = milliseconds,
                                           .help = "Request start until it had a connection."};
inline constexpr MetricInfo kRequestWritten{.name = "toolkit.http.client.request_written.time",
                                            .kind = histogram,
                                            .unit = milliseconds,
                                            .help = "Request start until it was fully written."};
inline constexpr MetricInfo kFirstByte{.name = "toolkit.http.client.response_first_byte.time",
                                       .kind = histogram,
                                       .unit = milliseconds,
                                       .help = "Request start until the first response byte."};
inline constexpr MetricInfo kRequest{.name = "toolkit.http.client.request.time",
                                     .kind = histogram,
                                     .unit = milliseconds,
                                     .help = "Request start until the response head was read."};
inline constexpr MetricInfo kFullyRead{.name = "toolkit.http.client.response_fully_read.time",
                                       .kind = histogram,
                                       .unit = milliseconds,
                                       .help = "Request start until the response body was read."};
inline constexpr MetricInfo kAbandoned{.name = "xtrace.requests.abandoned",
                                       .kind = counter,
                                       .help = "Physical requests given up before they ended."};

// -- what plans decide ----------------------------------------------------------------------------

inline constexpr MetricInfo kRetries{
    .name = "xtrace.retries", .kind = counter, .help = "Waves that are tried again."};
inline constexpr MetricInfo kRetryVetoes{.name = "xtrace.retry.vetoes",
                                         .kind = counter,
                                         .help = "Retries that were wanted and forbidden."};
inline constexpr MetricInfo kRetryWait{.name = "xtrace.retry.wait.time",
                                       .kind = histogram,
                                       .unit = milliseconds,
                                       .help = "Wait between two waves of a plan."};
inline constexpr MetricInfo kRaces{
    .name = "xtrace.races", .kind = counter, .help = "Rivals that were due, by decision."};

// -- plans, as PlanStats counts them --------------------------------------------------------------

inline constexpr MetricInfo kPlansRunning{
    .name = "xtrace.plans.running", .kind = gauge, .help = "Executions under way."};
inline constexpr MetricInfo kPlansAttempting{
    .name = "xtrace.plans.attempting", .kind = gauge, .help = "Attempts in flight."};
inline constexpr MetricInfo kPlansWaiting{
    .name = "xtrace.plans.waiting", .kind = gauge, .help = "Executions between two waves."};
inline constexpr MetricInfo kPlansRetrying{
    .name = "xtrace.plans.retrying", .kind = gauge, .help = "Retries under way."};
inline constexpr MetricInfo kPlansExecuted{
    .name = "xtrace.plans.executed", .kind = counter, .help = "Executions begun."};
inline constexpr MetricInfo kPlansAttempted{
    .name = "xtrace.plans.attempted", .kind = counter, .help = "Attempts begun."};
inline constexpr MetricInfo kPlansRetried{
    .name = "xtrace.plans.retried", .kind = counter, .help = "Waves after the first."};
inline constexpr MetricInfo kPlansBudgetExhausted{.name = "xtrace.plans.budget_exhausted",
                                                  .kind = counter,
                                                  .help = "Retries that the budget forbade."};
inline constexpr MetricInfo kPlansRaced{
    .name = "xtrace.plans.raced", .kind = counter, .help = "Rivals started."};
inline constexpr MetricInfo kPlansRaceVetoes{
    .name = "xtrace.plans.race_vetoes", .kind = counter, .help = "Rivals due and not started."};
inline constexpr MetricInfo kPlansRedundant{
    .name = "xtrace.plans.redundant", .kind = counter, .help = "Attempts that lost a race."};
inline constexpr MetricInfo kPlansRivalsWon{.name = "xtrace.plans.rivals_won",
                                            .kind = counter,
                                            .help = "Executions that a rival answered."};
inline constexpr MetricInfo kPlansAttemptTimeouts{.name = "xtrace.plans.attempt_timeouts",
                                                  .kind = counter,
                                                  .help = "Attempts that took too long."};
inline constexpr MetricInfo kPlansTimeouts{.name = "xtrace.plans.timeouts",
                                           .kind = counter,
                                           .help = "Executions that their deadline ended."};
inline constexpr MetricInfo kPlansBreakerRefusals{.name = "xtrace.plans.breaker_refusals",
                                                  .kind = counter,
                                                  .help = "Attempts that a breaker forbade."};

// -- circuit breakers -----------------------------------------------------------------------------

inline constexpr MetricInfo kBreakerState{
    .name = "xtrace.breaker.state", .kind = gauge, .help = "0 closed, 1 open, 2 half open."};
inline constexpr MetricInfo kBreakerChanges{
    .name = "xtrace.breaker.changes", .kind = counter, .help = "Changes of state."};
inline constexpr MetricInfo kBreakerAllowed{
    .name = "xtrace.breaker.allowed", .kind = counter, .help = "Attempts let through."};
inline constexpr MetricInfo kBreakerRejected{
    .name = "xtrace.breaker.rejected", .kind = counter, .help = "Attempts refused."};
inline constexpr MetricInfo kBreakerOpened{
    .name = "xtrace.breaker.opened", .kind = counter, .help = "Times it opened."};
inline constexpr MetricInfo kBreakerLate{
    .name = "xtrace.breaker.late", .kind = counter, .help = "Results that came too late to count."};

}  // namespace xtrace::metric
