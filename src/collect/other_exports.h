#pragma once

/// The formats of other programs that `/export/ID.SUFFIX` gives: `har`, `perfetto.json` and
/// `otlp.json`.

#include <vector>

#include "collect/trace_export.h"

namespace xtrace::collect {

std::vector<TraceExport> other_exports();

}  // namespace xtrace::collect
