#pragma once

/// Traces as OpenTelemetry's OTLP JSON, with the ids, kinds and attributes that OpenTelemetry's own
/// X-Ray receiver gives them: a segment becomes a server's span, a call a client's, everything else
/// an internal one.
///
/// docs/formats.md has the table. Beyond the receiver, a call names whom it called
/// (`peer.service`), and what its exporter could not tell otherwise is said in attributes, so that
/// documents come back as they were.

#include <cstddef>
#include <span>

#include "base/json_writer.h"
#include "collect/export_trace.h"

namespace xtrace::collect {

/// One `ExportTraceServiceRequest`: `{"resourceSpans":[...]}`.
void write_otlp(JsonWriter& json, std::span<const ExportTrace> traces);

/// The elements of `resourceSpans`, into an array that is open: one for each segment, as each says
/// where it ran. Returns how many spans they have; nodes without an id are none.
std::size_t write_resource_spans(JsonWriter& json, const ExportTrace& trace);

}  // namespace xtrace::collect
