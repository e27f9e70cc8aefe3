#include <xtrace/traced_exchange.h>

#include "instrument/phase_metadata.h"

namespace xtrace {

namespace {

constexpr std::string_view kSpace = "http";

/// Begins and ends subsegments by a timeline, on the wall clock it started with.
class Recorder {
 public:
  explicit Recorder(const Timeline& timeline) : timeline_(timeline) {}

  void record_into(Subsegment& remote) const {
    if (const Span* span = timeline_.find(Phase::connect)) record_connect(remote, *span);
    record_phase(remote, Phase::request);
    if (const Span* span = timeline_.find(Phase::response)) record_response(remote, *span);
    record_phase(remote, Phase::body);
  }

  WallTime wall(Duration offset) const {
    return timeline_.started.wall + std::chrono::duration_cast<WallTime::duration>(offset);
  }

 private:
  void record_connect(Subsegment& remote, const Span& span) const {
    Subsegment connect = begin(remote, "connect", span);
    if (timeline_.dns) record_dns(connect);
    for (std::size_t i = 0; i < timeline_.dial_count; ++i) record_dial(connect, timeline_.dials[i]);
    if (const Span* tls = timeline_.find(Phase::tls)) record_tls(connect, *tls);
    if (timeline_.remote.is_set()) {
      connect.set_metadata_json(kSpace, "connection", connection_metadata(timeline_));
    }
    if (timeline_.dials_unrecorded > 0) {
      connect.set_metadata(kSpace, "dials_unrecorded", timeline_.dials_unrecorded);
    }
    if (span.outcome == Outcome::error || span.outcome == Outcome::timeout) {
      connect.set_flags({.fault = true});
    }
    connect.end(wall(span.end));
  }

  // A lookup that never got a thread is shown as its wait.
  void record_dns(Subsegment& connect) const {
    const Span* wait = timeline_.find(Phase::dns_wait);
    const Span* lookup = timeline_.find(Phase::dns);
    const Span* shown = lookup != nullptr ? lookup : wait;
    if (shown == nullptr) return;
    Subsegment dns = begin(connect, "dns", *shown);
    dns.set_metadata_json(kSpace, "dns", dns_metadata(timeline_));
    end(dns, *shown, lookup != nullptr ? Phase::dns : Phase::dns_wait);
  }

  void record_dial(Subsegment& connect, const Dial& dial) const {
    Subsegment subsegment = begin(connect, "dial", dial.span);
    subsegment.set_metadata_json(kSpace, "connect", dial_metadata(dial));
    if (dial.error) subsegment.add_exception(to_string(dial.error->code), dial.error->message);
    subsegment.end(wall(dial.span.end));
  }

  void record_tls(Subsegment& connect, const Span& span) const {
    Subsegment tls = begin(connect, "tls", span);
    if (timeline_.tls) tls.set_metadata_json(kSpace, "tls", tls_metadata(*timeline_.tls));
    end(tls, span, Phase::tls);
  }

  void record_response(Subsegment& remote, const Span& span) const {
    Subsegment response = begin(remote, "response", span);
    if (timeline_.interim_count > 0) {
      response.set_metadata_json(kSpace, "interim", interim_metadata(timeline_));
    }
    if (timeline_.early_response) response.set_metadata(kSpace, "early_response", true);
    end(response, span, Phase::response);
  }

  void record_phase(Subsegment& parent, Phase phase) const {
    const Span* span = timeline_.find(phase);
    if (span == nullptr) return;
    Subsegment subsegment = begin(parent, to_string(phase), *span);
    end(subsegment, *span, phase);
  }

  Subsegment begin(Subsegment& parent, std::string_view name, const Span& span) const {
    return parent.begin_subsegment(name, {.id = std::nullopt, .start = wall(span.begin)});
  }

  void end(Subsegment& subsegment, const Span& span, Phase phase) const {
    const std::optional<Error>& error = timeline_.error;
    if (error && error->phase == phase) {
      subsegment.add_exception(to_string(error->code), error->message);
    }
    subsegment.end(wall(span.end));
  }

  const Timeline& timeline_;
};

void set_http(Subsegment& remote, const Request& request, const Exchange& exchange,
              const RecordOptions& options) {
  const std::string url = options.redact ? request.url.redacted() : request.url.full();
  remote.set_http_request({.method = request.method, .url = url, .keep_secrets = !options.redact});
  if (!exchange.response) return;
  remote.set_status(exchange.response->status);
  // What was announced; a chunked body announces nothing, then what came counts.
  const std::uint64_t length =
      exchange.response->content_length.value_or(exchange.timeline.response_body_bytes);
  remote.set_http_response({.status = exchange.response->status, .content_length = length});
}

}  // namespace

std::string remote_name(const Url& url) {
  return url.authority();
}

void record_exchange(Subsegment& remote, const Request& request, const Exchange& exchange,
                     const RecordOptions& options) {
  const Timeline& timeline = exchange.timeline;
  const Recorder recorder(timeline);
  remote.set_namespace(Namespace::remote);
  set_http(remote, request, exchange, options);
  if (timeline.reused) {
    remote.set_metadata_json(kSpace, "connection", connection_metadata(timeline));
  }
  if (timeline.loop_delay > std::chrono::milliseconds(1)) {
    remote.set_metadata(kSpace, "loop_delay_ms", to_milliseconds(timeline.loop_delay));
  }
  recorder.record_into(remote);
  if (exchange.error) {
    remote.add_exception(to_string(exchange.error->code), exchange.error->message);
  }
  remote.end(recorder.wall(timeline.total));
}

}  // namespace xtrace
