#pragma once

/// What `/export/ID.SUFFIX` can give: a trace as a file in a format of other programs.

#include <functional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "collect/stored_trace.h"
#include "collect/trace_digest.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

struct TraceExport {
  /// Behind the id and a dot: `json`, `har`, `perfetto.json`.
  std::string suffix{};
  std::string content_type = "application/json";
  /// The whole file. `tree` and `digest` are of `trace`.
  std::function<std::string(const StoredTrace& trace, const TraceTree& tree,
                            const TraceDigest& digest)>
      write{};
};

/// An element of `Traces` in the answer of BatchGetTraces. Documents are as they came, but for
/// Python's NaN, which clients could not read: it becomes null.
void write_batch_trace(JsonWriter& json, const StoredTrace& trace, const TraceDigest& digest);

/// `json`: the documents as BatchGetTraces answers them, which `show`, `emit` and `convert` read.
TraceExport xray_export();

}  // namespace xtrace::collect
