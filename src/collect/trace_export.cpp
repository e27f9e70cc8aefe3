#include "collect/trace_export.h"

#include "base/json_writer.h"

namespace xtrace::collect {

namespace {

std::string write_documents(const StoredTrace& trace, const TraceTree& /*tree*/,
                            const TraceDigest& digest) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("Traces");
  json.begin_array();
  json.begin_object();
  json.key("Id");
  json.string(trace.id().text());
  json.key("Duration");
  json.seconds(digest.duration);
  json.key("LimitExceeded");
  json.boolean(false);
  json.key("Segments");
  json.begin_array();
  for (const StoredDocument& document : trace.documents()) {
    json.begin_object();
    json.key("Id");
    json.string(document.id().text());
    json.key("Document");
    json.string(document.text());
    json.end_object();
  }
  json.end_array();
  json.end_object();
  json.end_array();
  json.key("UnprocessedTraceIds");
  json.begin_array();
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace

TraceExport xray_export() {
  return {.suffix = "json", .content_type = "application/json", .write = write_documents};
}

}  // namespace xtrace::collect
