#include "base/json_writer.h"
#include "collect/document_facts.h"
#include "collect/otlp_export.h"
#include "collect/otlp_import.h"
#include "fuzz/target.h"

using namespace xtrace;
using xtrace::testing::require;

/// Whatever a collector writes: each span becomes a document of a trace that X-Ray would take, and
/// goes back into OTLP.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  collect::OtlpReader reader(
      {.document =
           [](std::string_view document, std::uint64_t line) {
             const collect::DocumentFacts facts = collect::read_document_facts(document);
             require(line > 0 && facts.trace_id.has_value() && !facts.id.is_noop());
             require(!facts.refusal.has_value());
             const collect::TraceTree tree = collect::build_tree(std::span(&document, 1));
             std::string text;
             JsonWriter json(text);
             json.begin_array();
             require(collect::write_resource_spans(json, {*facts.trace_id, tree}) == 1);
             json.end_array();
           },
       .refusal = [](std::uint64_t line,
                     const std::string& reason) { require(line > 0 && !reason.empty()); }});
  reader.read(xtrace::testing::as_text(data, size));
  return 0;
}
