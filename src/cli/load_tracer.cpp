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
constexpr Duration kPatience = std::chrono::seconds(10);
constexpr Duration kAbsentPatience = std::chrono::milliseconds(200);

std::string choose_service(const TraceOptions& options, const Environment& environment) {
  if (options.name) return *options.name;
  const char* name = environment("AWS_XRAY_TRACING_NAME");
  return name == nullptr || *name == '\0' ? "xtrace" : name;
}

WallTime end_of(const Exchange& exchange) {
  const Timeline& last = exchange.timeline;
  return last.started.wall + std::chrono::duration_cast<WallTime::duration>(last.total);
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
}

void LoadTracer::prepare_attempt(Ids& ids, Request& request) {
  ids.sent.push_back(SegmentId::generate());
  if (!sends_header_) return;
  header_.assign("Root=").append(ids.trace.text());
  header_.append(";Parent=").append(ids.sent.back().text()).append(header_end_);
  request.headers.set(kTraceField, header_);
}

bool LoadTracer::is_sampled(const Exchange& exchange) const {
  if (sampled_ != Sampled::requested || !exchange.response) return sampled_ != Sampled::no;
  const std::string* answer = exchange.response->headers.find(kTraceField);
  return answer == nullptr || parse_trace_header(*answer).sampled != Sampled::no;
}

bool LoadTracer::record(const Ids& ids, const Request& request, const Exchange& exchange) {
  if (!is_recording_ || !is_sampled(exchange)) return false;
  ++recorded_;
  if (is_one_trace_) {
    record_below(ids, request, exchange);
  } else {
    record_alone(ids, request, exchange);
  }
  return true;
}

void LoadTracer::record_alone(const Ids& ids, const Request& request, const Exchange& exchange) {
  SegmentOptions origin;
  origin.trace_id = ids.trace;
  origin.id = ids.segment;
  origin.parent_id = origin_.parent_id;
  origin.start = begin_of(exchange).wall;
  Segment segment = Segment::begin(service_, origin);
  decorate(segment);
  record_call(segment, request, exchange, {.redact = options_.redacts, .sent = ids.sent});
  if (exchange.error) segment.set_flags({.error = false, .throttle = false, .fault = true});
  segment.end(end_of(exchange));
  segment.write_documents(documents_);
  send(documents_);
}

void LoadTracer::record_below(const Ids& ids, const Request& request, const Exchange& exchange) {
  // A facade of its own for each, so that what was sent is forgotten.
  Segment facade = tracer_->begin_facade(below_);
  record_call(facade, request, exchange, {.redact = options_.redacts, .sent = ids.sent});
  if (exchange.error) whole_.set_flags({.error = false, .throttle = false, .fault = true});
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
  if (udp == nullptr || !udp->is_daemon_absent()) sinks_.emitter->drain(kPatience);
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

std::string LoadTracer::one_trace_id() const {
  return is_one_trace_ ? origin_.trace_id->to_string() : std::string();
}

}  // namespace xtrace::cli
