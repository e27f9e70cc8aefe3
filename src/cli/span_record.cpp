#include "cli/span_record.h"

#include <memory>
#include <utility>

#include <xtrace/emitter.h>
#include <xtrace/tracer.h>

namespace xtrace::cli {

namespace {

/// Keeps what a tracer sends.
class Collector final : public Emitter {
 public:
  void flush() override {}
  bool drain(Duration) override { return true; }
  EmitterStats stats() const override { return {}; }
  std::optional<Error> last_error() const override { return {}; }

  DocumentSet set;

 private:
  void take(std::span<const std::string> documents, const DocumentCounts& built) override {
    set.documents.insert(set.documents.end(), documents.begin(), documents.end());
    set.counts += built;
  }
};

void fill(SegmentHandle& span, const SpanRecord& record) {
  for (const Annotation& annotation : record.annotations) {
    span.annotate(annotation.key, annotation.value);
  }
  for (const MetadataEntry& entry : record.metadata) {
    span.set_metadata_json("default", entry.key, entry.json);
  }
  for (const SpanFact& fact : record.facts) {
    span.set_metadata_json(fact.space, fact.key, fact.json);
  }
  if (record.status) span.set_status(*record.status);
  if (record.failure) span.add_exception(record.failure->type, record.failure->message);
}

DocumentSet write_segment(const SpanRecord& record) {
  Segment span = Segment::begin(
      record.name,
      {.trace_id = record.context.trace_id, .id = record.context.id, .start = record.start});
  fill(span, record);
  if (record.end) span.end(*record.end);
  return span.documents();
}

/// Only a tracer sends a subsegment without its segment.
DocumentSet write_subsegment(const SpanRecord& record) {
  auto collector = std::make_shared<Collector>();
  TracerConfig config;
  config.emitter = collector;
  // The environment's say is the command line's to hear.
  const auto nothing_is_set = [](const char*) -> const char* { return nullptr; };
  Tracer tracer(finalize_config(std::move(config), nothing_is_set).value());
  TraceHeader caller;
  caller.root = record.context.trace_id;
  caller.parent = record.context.parent_id->to_string();
  caller.sampled = Sampled::yes;
  Segment parent = tracer.begin_facade(caller);
  Subsegment span =
      parent.begin_subsegment(record.name, {.id = record.context.id, .start = record.start});
  fill(span, record);
  if (record.end) {
    span.end(*record.end);
  } else {
    span.announce();
  }
  // What an announced span sends at its own end, further down, is not asked for.
  DocumentSet set = std::move(collector->set);
  if (set.documents.empty()) {
    set.refusals.push_back({Error::Code::document_too_large, Phase::none,
                            "the span " + record.name + " is too large for a document"});
  }
  return set;
}

}  // namespace

DocumentSet write_documents(const SpanRecord& record) {
  if (!record.context.is_sampled) return {};
  return record.context.parent_id ? write_subsegment(record) : write_segment(record);
}

}  // namespace xtrace::cli
