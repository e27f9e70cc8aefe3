#include "instrument/client_metrics_events.h"

#include <cstddef>

#include <xtrace/plan.h>

#include "instrument/client_metrics_list.h"
#include "instrument/client_metrics_row.h"

namespace xtrace {

namespace {

/// Why it is tried again: what the attempt was answered with, or how it failed.
StatusNumber status_of(const Execution& execution) {
  if (const Error* error = execution.error())
    return is_timeout(error->code) ? kTimeoutStatus : kErrorStatus;
  return execution.status();
}

/// Whether somebody wanted to try again and was not let. The rest is how every execution ends.
bool is_forbidden(RetryDecision::Veto veto) {
  using enum RetryDecision::Veto;
  return veto == not_repeatable || veto == budget || veto == breaker || veto == deadline;
}

}  // namespace

void PlanEvents::on_wait_started(const Execution& execution) {
  Entry& entry = entry_of(execution);
  const auto make = [&](const StatusText& text) -> MetricSeries& {
    const MetricTag tags[] = {{"target_id", entry.tags.target_id}, {"reason", text.status()}};
    return sink_.series(metric::kRetries, tags);
  };
  entry.row.retries.find_or_make(status_of(execution), make).record(1);
}

void PlanEvents::on_wait_ended(const Execution& execution, const WaitRecord& wait) {
  Entry& entry = entry_of(execution);
  MetricSeries*& series = entry.row.waits[static_cast<std::size_t>(wait.reason)];
  ensure(series, entry, metric::kRetryWait, {"reason", to_string(wait.reason)})
      .record(milliseconds_of(wait.end - wait.begin));
}

void PlanEvents::on_retry_decided(const Execution& execution, const RetryDecision& decision) {
  if (!is_forbidden(decision.veto)) return;
  Entry& entry = entry_of(execution);
  MetricSeries*& series = entry.row.vetoes[static_cast<std::size_t>(decision.veto)];
  ensure(series, entry, metric::kRetryVetoes, {"veto", to_string(decision.veto)}).record(1);
}

void PlanEvents::on_race_decided(const Execution& execution, const RaceDecision& decision) {
  Entry& entry = entry_of(execution);
  MetricSeries*& series = entry.row.races[static_cast<std::size_t>(decision.veto)];
  ensure(series, entry, metric::kRaces, {"veto", to_string(decision.veto)}).record(1);
}

PlanEvents::Entry& PlanEvents::entry_of(const Execution& execution) {
  return rows_.find({.target_id = execution.target_id, .url = execution.plan->request.url});
}

MetricSeries& PlanEvents::ensure(MetricSeries*& series, const Entry& entry, const MetricInfo& info,
                                 MetricTag tag) {
  if (series == nullptr) {
    const MetricTag tags[] = {{"target_id", entry.tags.target_id}, tag};
    series = &sink_.series(info, tags);
  }
  return *series;
}

}  // namespace xtrace
