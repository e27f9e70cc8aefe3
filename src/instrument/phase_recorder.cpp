#include "instrument/phase_recorder.h"

#include "instrument/phase_metadata.h"
#include "instrument/physical_request.h"

namespace xtrace {

namespace {

// Less is a turn of the loop, and no news.
constexpr Duration kWorthTelling = std::chrono::milliseconds(1);

bool is_failure(Outcome outcome) {
  return outcome == Outcome::error || outcome == Outcome::timeout;
}

}  // namespace

void PhaseRecorder::record_into(Subsegment& parent) const {
  record_facts(parent);
  if (const Span* span = timeline_.find(Phase::connect)) record_connect(parent, *span);
  if (const Span* span = timeline_.find(Phase::request)) record_request(parent, *span);
  if (const Span* span = timeline_.find(Phase::response)) record_response(parent, *span);
  if (const Span* span = timeline_.find(Phase::body)) record_body(parent, *span);
}

WallTime PhaseRecorder::wall(Duration offset) const {
  return start_ + std::chrono::duration_cast<WallTime::duration>(offset);
}

void PhaseRecorder::record_facts(Subsegment& parent) const {
  if (timeline_.reused) {
    parent.set_metadata_json(kHttpSpace, "connection", connection_metadata(timeline_, scratch_));
  }
  const Span* queue = timeline_.find(Phase::queue);
  if (queue != nullptr && queue->length() > kWorthTelling) {
    parent.set_metadata(kHttpSpace, "queue_ms", to_milliseconds(queue->length()));
  }
  if (timeline_.loop_delay > kWorthTelling) {
    parent.set_metadata(kHttpSpace, "loop_delay_ms", to_milliseconds(timeline_.loop_delay));
  }
}

void PhaseRecorder::record_connect(Subsegment& parent, const Span& span) const {
  Subsegment connect = begin(parent, "connect", span);
  if (timeline_.dns) record_dns(connect);
  for (std::size_t i = 0; i < timeline_.dial_count; ++i) record_dial(connect, timeline_.dials[i]);
  if (const Span* proxy = timeline_.find(Phase::proxy)) {
    Subsegment tunnel = begin(connect, "proxy", *proxy);
    tunnel.set_metadata(kHttpSpace, "proxy", timeline_.proxy);
    end(tunnel, *proxy, Phase::proxy);
  }
  if (const Span* tls = timeline_.find(Phase::tls)) record_tls(connect, *tls);
  if (timeline_.remote.is_set() && !timeline_.reused) {
    connect.set_metadata_json(kHttpSpace, "connection", connection_metadata(timeline_, scratch_));
  }
  if (timeline_.dials_unrecorded > 0) {
    connect.set_metadata(kHttpSpace, "dials_unrecorded", timeline_.dials_unrecorded);
  }
  if (is_failure(span.outcome)) connect.set_flags({.fault = true});
  connect.end(wall(span.end));
}

// A lookup that never got a thread is shown as its wait.
void PhaseRecorder::record_dns(Subsegment& connect) const {
  const Span* wait = timeline_.find(Phase::dns_wait);
  const Span* lookup = timeline_.find(Phase::dns);
  const Span* shown = lookup != nullptr ? lookup : wait;
  if (shown == nullptr) return;
  Subsegment dns = begin(connect, "dns", *shown);
  dns.set_metadata_json(kHttpSpace, "dns", dns_metadata(timeline_, scratch_));
  end(dns, *shown, lookup != nullptr ? Phase::dns : Phase::dns_wait);
}

void PhaseRecorder::record_dial(Subsegment& connect, const Dial& dial) const {
  Subsegment subsegment = begin(connect, "dial", dial.span);
  subsegment.set_metadata_json(kHttpSpace, "connect", dial_metadata(dial, scratch_));
  if (dial.error) subsegment.add_exception(to_string(dial.error->code), dial.error->message);
  subsegment.end(wall(dial.span.end));
}

void PhaseRecorder::record_tls(Subsegment& connect, const Span& span) const {
  Subsegment tls = begin(connect, "tls", span);
  if (timeline_.tls)
    tls.set_metadata_json(kHttpSpace, "tls", tls_metadata(*timeline_.tls, scratch_));
  end(tls, span, Phase::tls);
}

void PhaseRecorder::record_request(Subsegment& parent, const Span& span) const {
  Subsegment request = begin(parent, "request", span);
  if (timeline_.continue_wait) {
    const Duration waited = timeline_.continue_wait->length();
    request.set_metadata(kHttpSpace, "continue_wait_ms", to_milliseconds(waited));
  }
  end(request, span, Phase::request);
}

void PhaseRecorder::record_response(Subsegment& parent, const Span& span) const {
  Subsegment response = begin(parent, "response", span);
  if (timeline_.interim_count > 0) {
    response.set_metadata_json(kHttpSpace, "interim", interim_metadata(timeline_, scratch_));
  }
  if (timeline_.early_response) response.set_metadata(kHttpSpace, "early_response", true);
  end(response, span, Phase::response);
}

void PhaseRecorder::record_body(Subsegment& parent, const Span& span) const {
  Subsegment body = begin(parent, "body", span);
  if (!timeline_.content_encoding.empty()) {
    body.set_metadata_json(kHttpSpace, "decoding", decoding_metadata(timeline_, scratch_));
  }
  end(body, span, Phase::body);
}

Subsegment PhaseRecorder::begin(Subsegment& parent, std::string_view name, const Span& span) const {
  return parent.begin_subsegment(name, {.id = std::nullopt, .start = wall(span.begin)});
}

void PhaseRecorder::end(Subsegment& subsegment, const Span& span, Phase phase) const {
  const std::optional<Error>& error = timeline_.error;
  if (error && error->phase == phase) record_error(subsegment, &*error);
  subsegment.end(wall(span.end));
}

}  // namespace xtrace
