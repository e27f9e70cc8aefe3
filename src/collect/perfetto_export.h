#pragma once

/// Traces as Chrome trace events, which ui.perfetto.dev and chrome://tracing open: a process for
/// each service, and as many tracks in it as it takes for what ran at the same time never to share
/// one, unless one is part of the other.
///
/// A call and the segment that it led to in another service are tied by an arrow; exceptions are
/// instants.

#include <span>

#include "base/json_writer.h"
#include "collect/export_trace.h"

namespace xtrace::collect {

void write_perfetto(JsonWriter& json, std::span<const ExportTrace> traces);

}  // namespace xtrace::collect
