#include "instrument/execution_recorder.h"

#include <algorithm>

#include <xtrace/traced_exchange.h>

#include "instrument/call_recorder.h"
#include "instrument/phase_metadata.h"
#include "instrument/phase_recorder.h"

namespace xtrace {

namespace {

constexpr std::string_view kSpace = "httpx";

}  // namespace

void ExecutionRecorder::record_below(const SegmentContext& parent) const {
  const Request& request = execution_.plan->request;
  Subsegment host = parent.begin_subsegment(
      remote_name(request.url),
      {.id = std::nullopt, .start = execution_.started.wall, .space = Namespace::remote});
  if (!host) return;
  static const Timeline none;
  const bool has_attempt = execution_.has_attempt();
  record_http(host,
              {.method = request.method,
               .url = request.url,
               .response = execution_.response(),
               .timeline = has_attempt ? execution_.current().exchange.timeline : none},
              options_.redact);
  record_facts(host);
  for (int wave = 0; wave <= execution_.wave; ++wave) record_wave(host, wave);
  record_error(host, execution_.error());
  // What is cancelled before its start ends before it.
  host.end(wall(std::max(execution_.total.value_or(Duration::zero()), Duration::zero())));
}

void ExecutionRecorder::record_facts(Subsegment& host) const {
  const std::string& endpoint = execution_.plan->endpoint_template;
  if (!execution_.target_id.empty()) host.annotate("target_id", execution_.target_id);
  if (!endpoint.empty()) host.annotate("endpoint_template", endpoint);
  host.set_metadata(kSpace, "attempts", static_cast<std::uint64_t>(execution_.attempts.size()));
  host.set_metadata(kSpace, "waves", static_cast<std::uint64_t>(execution_.waves()));
  if (execution_.is_plan_timeout()) host.set_metadata(kSpace, "plan_timeout", true);
}

void ExecutionRecorder::record_wave(Subsegment& host, int wave) const {
  for (const AttemptRecord& attempt : execution_.attempts) {
    if (attempt.wave == wave) record_attempt(host, attempt);
  }
  for (const WaitRecord& wait : execution_.waits) {
    if (wait.wave == wave) record_wait(host, wait);
  }
}

void ExecutionRecorder::record_attempt(Subsegment& host, const AttemptRecord& attempt) const {
  const Duration began = attempt.started.tick - execution_.started.tick;
  Subsegment subsegment = host.begin_subsegment("Attempt:" + std::to_string(attempt.index),
                                                {.id = id_of(attempt), .start = wall(began)});
  subsegment.set_metadata(kSpace, "attempt", static_cast<std::uint64_t>(attempt.index));
  subsegment.set_metadata(kSpace, "wave", static_cast<std::uint64_t>(attempt.wave));
  subsegment.set_metadata(kSpace, "redundant", attempt.is_redundant);
  record_http(subsegment, whole_of(attempt), options_.redact);
  record_requests(subsegment, attempt);
  record_error(subsegment, attempt.error());
  subsegment.end(wall(began + attempt.duration()));
}

// An attempt that was led on, or sent again, holds its physical requests as a call would.
void ExecutionRecorder::record_requests(Subsegment& subsegment,
                                        const AttemptRecord& attempt) const {
  const Exchange& exchange = attempt.exchange;
  if (exchange.past.empty()) {
    const WallTime start = wall_at(exchange.timeline.started.tick, execution_.started);
    return PhaseRecorder(exchange.timeline, start, scratch_).record_into(subsegment);
  }
  const PhysicalRequest whole = whole_of(attempt);
  const std::vector<SegmentId> ids = ids_of(attempt);
  const RecordOptions options{.redact = options_.redact, .sent = ids};
  CallRecorder(whole.method, whole.url, exchange, options, scratch_, &execution_.started)
      .record_below(subsegment);
}

// What was asked for, and what came of it in the end.
PhysicalRequest ExecutionRecorder::whole_of(const AttemptRecord& attempt) const {
  const Request& planned = execution_.plan->request;
  return {.method = attempt.asked ? attempt.asked->first : planned.method,
          .url = attempt.asked ? attempt.asked->second : planned.url,
          .response = attempt.response(),
          .error = attempt.error(),
          .timeline = attempt.exchange.timeline};
}

void ExecutionRecorder::record_wait(Subsegment& host, const WaitRecord& wait) const {
  Subsegment backoff =
      host.begin_subsegment("backoff", {.id = std::nullopt, .start = wall(wait.begin)});
  backoff.set_metadata(kSpace, "after_wave", static_cast<std::uint64_t>(wait.wave));
  backoff.set_metadata(kSpace, "reason", to_string(wait.reason));
  backoff.set_metadata(kSpace, "planned_ms", to_milliseconds(wait.planned));
  backoff.end(wall(wait.end));
}

std::vector<SegmentId> ExecutionRecorder::ids_of(const AttemptRecord& attempt) const {
  std::vector<SegmentId> ids;
  for (const SentId& sent : options_.sent) {
    if (sent.attempt == attempt.index) ids.push_back(sent.id);
  }
  return ids;
}

// Where there were several requests each has a subsegment of its own, and its id there.
std::optional<SegmentId> ExecutionRecorder::id_of(const AttemptRecord& attempt) const {
  if (!attempt.exchange.past.empty()) return std::nullopt;
  const auto sent = std::ranges::find(options_.sent, attempt.index, &SentId::attempt);
  return sent == options_.sent.end() ? std::nullopt : std::optional(sent->id);
}

WallTime ExecutionRecorder::wall(Duration since_start) const {
  return execution_.started.wall + std::chrono::duration_cast<WallTime::duration>(since_start);
}

}  // namespace xtrace
