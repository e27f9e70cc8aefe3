#include "cli/load_tracer.h"

#include <utility>

#include <xtrace/traced_exchange.h>
#include <xtrace/udp_emitter.h>

#include "base/assert.h"
#include "cli/request_builder.h"
#include "cli/span_context.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kTraceField = "X-Amzn-Trace-Id";
// For what the daemon has no room for yet; for one that is not there nobody waits.
constexpr Duration kLoadPatience = std::chrono::seconds(10);
constexpr Duration kAbsentPatience = std::chrono::milliseconds(200);

std::string choose_service(const TraceOptions& options, const Environment& environment) {
  if (options.name) return *options.name;
  const char* name = environment("AWS_XRAY_TRACING_NAME");
  return name == nullptr || *name == '\0' ? "xtrace" : name;
}

WallTime later(WallTime wall, Duration by) {
  return wall + std::chrono::duration_cast<WallTime::duration>(by);
}

}  // namespace

/// Hands what a `Tracer` emits to the run's own sinks.
class LoadTracer::Tap final : public Emitter {
 public:
  explicit Tap(LoadTracer& owner) : owner_(owner) {}

  void flush() override {}
  bool drain(Duration) override { return true; }
  EmitterStats stats() const override { return {}; }
  std::optional<Error> last_error() const override { return std::nullopt; }

 private:
  void take(std::span<const std::string> documents, const DocumentCounts&) override {
    if (owner_.sinks_.emitter) owner_.sinks_.emitter->emit(documents);
    if (owner_.sinks_.documents == nullptr) return;
    for (const std::string& document : documents) {
      owner_.sinks_.documents->add(document);
      owner_.sinks_.documents->add("\n");
    }
  }

  LoadTracer& owner_;
};

LoadTracer::LoadTracer(const TraceOptions& options, const Environment& environment,
                       const Request& request, Sinks sinks)
    : options_(options),
      sinks_(std::move(sinks)),
      service_(choose_service(options, environment)),
      sends_header_(!request.headers.contains(kTraceField) && !is_omitted(request, kTraceField)) {
  settle_trace(environment);
  is_recording_ =
      sampled_ != Sampled::no && (sinks_.emitter != nullptr || sinks_.documents != nullptr);
}

LoadTracer::~LoadTracer() = default;

void LoadTracer::settle_trace(const Environment& environment) {
  const TraceHeader caller =
      options_.header ? parse_trace_header(*options_.header) : read_caller(environment);
  has_caller_ = caller.root.has_value();
  if (has_caller_) origin_ = continue_trace(caller);
  const char* given = environment("_X_AMZN_TRACE_ID");
  const bool was_told = options_.header || (given != nullptr && *given != '\0');
  ignores_caller_ = was_told && !has_caller_ && caller.sampled == Sampled::unknown;
  sampled_ =
      options_.sampled.value_or(caller.sampled == Sampled::unknown ? Sampled::yes : caller.sampled);
  TraceHeader rest;
  rest.sampled = sampled_;
  rest.extra = caller.extra;
  header_end_ = ";" + rest.to_string();
}

void LoadTracer::begin(WallTime present) {
  is_one_trace_ = true;
  if (!origin_.trace_id) origin_.trace_id = TraceId::generate(present);
  origin_.id = SegmentId::generate();
  if (!is_recording_) return;
  below_.root = origin_.trace_id;
  below_.parent = origin_.id->to_string();
  below_.sampled = Sampled::yes;
  TracerConfig config;
  config.name = service_;
  config.emitter = std::make_shared<Tap>(*this);
  // Nothing of the environment: all of it was read for the whole command.
  auto finalized =
      finalize_config(std::move(config), [](const char*) -> const char* { return nullptr; });
  XTRACE_ASSERT(finalized.has_value());
  tracer_ = std::make_unique<Tracer>(*finalized);
  SegmentOptions origin = origin_;
  origin.start = present;
  whole_ = Segment::begin(service_, origin);
  decorate(whole_);
  send(whole_.documents());
}

void LoadTracer::begin_request(Ids& ids, WallTime present) const {
  ids.trace = origin_.trace_id ? *origin_.trace_id : TraceId::generate(present);
  if (!is_one_trace_) ids.segment = SegmentId::generate();
  ids.sent.clear();
  ids.plan_sent.clear();
}

void LoadTracer::prepare_attempt(Ids& ids, Request& request) {
  ids.sent.push_back(SegmentId::generate());
  set_header(ids, request, ids.sent.back());
}

void LoadTracer::prepare_attempt(Ids& ids, Request& request, const Execution& execution) {
  ids.plan_sent.push_back({.attempt = execution.attempt, .id = SegmentId::generate()});
  set_header(ids, request, ids.plan_sent.back().id);
}

void LoadTracer::set_header(const Ids& ids, Request& request, const SegmentId& parent) {
  if (!sends_header_) return;
  header_.assign("Root=").append(ids.trace.text());
  header_.append(";Parent=").append(parent.text()).append(header_end_);
  request.headers.set(kTraceField, header_);
}

bool LoadTracer::is_sampled(const Response* response) const {
  if (sampled_ != Sampled::requested || response == nullptr) return sampled_ != Sampled::no;
  const std::string* answer = response->headers.find(kTraceField);
  return answer == nullptr || parse_trace_header(*answer).sampled != Sampled::no;
}

WallTime LoadTracer::Ended::began() const {
  return execution != nullptr ? execution->started.wall : begin_of(*exchange).wall;
}

WallTime LoadTracer::Ended::end() const {
  if (execution != nullptr) {
    return later(execution->started.wall, execution->total.value_or(Duration{}));
  }
  return later(exchange->timeline.started.wall, exchange->timeline.total);
}

const Response* LoadTracer::Ended::response() const {
  if (execution != nullptr) return execution->response();
  return exchange->response ? &*exchange->response : nullptr;
}

bool LoadTracer::Ended::is_fault() const {
  return execution != nullptr ? execution->error() != nullptr : exchange->error.has_value();
}

bool LoadTracer::record(const Ids& ids, const Request& request, const Exchange& exchange) {
  return record(Ended{.ids = ids, .request = &request, .exchange = &exchange});
}

bool LoadTracer::record(const Ids& ids, const Execution& execution) {
  return record(Ended{.ids = ids, .execution = &execution});
}

bool LoadTracer::record(const Ended& ended) {
  if (!is_recording_ || !is_sampled(ended.response())) return false;
  ++recorded_;
  if (is_one_trace_) {
    record_below(ended);
  } else {
    record_alone(ended);
  }
  return true;
}

void LoadTracer::record_alone(const Ended& ended) {
  SegmentOptions origin;
  origin.trace_id = ended.ids.trace;
  origin.id = ended.ids.segment;
  origin.parent_id = origin_.parent_id;
  origin.start = ended.began();
  Segment segment = Segment::begin(service_, origin);
  decorate(segment);
  record_into(segment.context(), ended);
  if (ended.is_fault()) segment.set_flags({.error = false, .throttle = false, .fault = true});
  segment.end(ended.end());
  segment.write_documents(documents_);
  send(documents_);
}

void LoadTracer::record_below(const Ended& ended) {
  // A facade of its own for each, so that what was sent is forgotten.
  const Segment facade = tracer_->begin_facade(below_);
  record_into(facade.context(), ended);
  if (ended.is_fault()) whole_.set_flags({.error = false, .throttle = false, .fault = true});
}

void LoadTracer::record_into(const SegmentContext& parent, const Ended& ended) const {
  if (ended.execution != nullptr) {
    record_execution(parent, *ended.execution,
                     {.redact = options_.redacts, .sent = ended.ids.plan_sent});
  } else {
    record_call(parent, *ended.request, *ended.exchange,
                {.redact = options_.redacts, .sent = ended.ids.sent});
  }
}

void LoadTracer::decorate(Segment& segment) const {
  for (const Annotation& annotation : options_.annotations) {
    segment.annotate(annotation.key, annotation.value);
  }
  for (const MetadataEntry& entry : options_.metadata) {
    segment.set_metadata_json("default", entry.key, entry.json);
  }
}

void LoadTracer::send(const DocumentSet& documents) {
  if (sinks_.emitter) sinks_.emitter->emit(documents);
  if (sinks_.documents == nullptr) return;
  for (const std::string& document : documents.documents) {
    sinks_.documents->add(document);
    sinks_.documents->add("\n");
  }
}

void LoadTracer::end(WallTime present) {
  if (whole_) {
    whole_.end(present);
    send(whole_.documents());
  }
  if (!sinks_.emitter || recorded_ == 0) return;
  sinks_.emitter->flush();
  if (sinks_.emitter->drain(kAbsentPatience)) return;
  const auto* udp = dynamic_cast<const UdpEmitter*>(sinks_.emitter.get());
  if (udp == nullptr || !udp->is_daemon_absent()) sinks_.emitter->drain(kLoadPatience);
}

RunEmission LoadTracer::emission() const {
  RunEmission emission;
  emission.traces = recorded_;
  if (!sinks_.emitter) return emission;
  emission.to = sinks_.to;
  emission.books = sinks_.emitter->stats();
  if (const auto error = sinks_.emitter->last_error()) emission.problem = error->message;
  return emission;
}

void LoadTracer::collect(ClientMetrics& metrics) const {
  if (sinks_.emitter) metrics.collect(sinks_.emitter->stats());
}

std::string LoadTracer::one_trace_id() const {
  return is_one_trace_ ? origin_.trace_id->to_string() : std::string();
}

}  // namespace xtrace::cli
