#include "collect/trace_export.h"

#include <vector>

#include "xray/json_cursor.h"

namespace xtrace::collect {

namespace {

/// The document with null where it has what is no JSON.
std::string without_non_numbers(std::string_view text) {
  std::vector<TextSpan> spans;
  JsonCursor cursor(text);
  cursor.collect_non_numbers(&spans);
  cursor.skip_value();
  std::string clean;
  std::size_t taken = 0;
  for (const TextSpan& span : spans) {
    clean += text.substr(taken, span.begin - taken);
    clean += "null";
    taken = span.end;
  }
  clean += text.substr(taken);
  return clean;
}

void write_batch_document(JsonWriter& json, const StoredDocument& document) {
  const std::string_view text = document.text();
  const bool may_be_no_number =
      text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos;
  json.begin_object();
  json.key("Id");
  json.string(document.id().text());
  json.key("Document");
  json.string(may_be_no_number ? without_non_numbers(text) : text);
  json.end_object();
}

std::string write_documents(const StoredTrace& trace, const TraceTree& /*tree*/,
                            const TraceDigest& digest) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("Traces");
  json.begin_array();
  write_batch_trace(json, trace, digest);
  json.end_array();
  json.key("UnprocessedTraceIds");
  json.begin_array();
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace

void write_batch_trace(JsonWriter& json, const StoredTrace& trace, const TraceDigest& digest) {
  json.begin_object();
  json.key("Id");
  json.string(trace.id().text());
  json.key("Duration");
  json.number(digest.duration);
  json.key("LimitExceeded");
  json.boolean(false);
  json.key("Segments");
  json.begin_array();
  for (const StoredDocument& document : trace.documents()) write_batch_document(json, document);
  json.end_array();
  json.end_object();
}

TraceExport xray_export() {
  return {.suffix = "json", .content_type = "application/json", .write = write_documents};
}

}  // namespace xtrace::collect
