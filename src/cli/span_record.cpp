#include "cli/span_record.h"

#include <xtrace/segment.h>

namespace xtrace::cli {

DocumentSet write_documents(const SpanRecord& record) {
  const SpanContext& context = record.context;
  if (!context.is_sampled) return {};
  Segment span = Segment::begin(record.name, {.trace_id = context.trace_id,
                                              .id = context.id,
                                              .parent_id = context.parent_id,
                                              .start = record.start});
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
  if (record.end) span.end(*record.end);
  return span.documents();
}

}  // namespace xtrace::cli
