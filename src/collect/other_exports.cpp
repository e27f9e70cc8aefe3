#include "collect/other_exports.h"

#include <span>

#include "base/json_writer.h"
#include "collect/har_export.h"
#include "collect/otlp_export.h"
#include "collect/perfetto_export.h"

namespace xtrace::collect {

namespace {

using ExportWriter = void (*)(JsonWriter&, std::span<const ExportTrace>);

TraceExport json_export(std::string suffix, ExportWriter write) {
  return {.suffix = std::move(suffix),
          .write = [write](const StoredTrace& stored, const TraceTree& tree, const TraceDigest&) {
            const ExportTrace trace{stored.id(), tree};
            std::string text;
            {
              JsonWriter json(text);
              write(json, std::span(&trace, 1));
            }
            return text + "\n";
          }};
}

}  // namespace

std::vector<TraceExport> other_exports() {
  return {json_export("har", write_har), json_export("perfetto.json", write_perfetto),
          json_export("otlp.json", write_otlp)};
}

}  // namespace xtrace::collect
