#pragma once

/// What OTLP tells of the service that spans come from: its name, its SDK, and where it runs.

#include "base/json_writer.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

/// Of a segment. A subsegment whose segment has not come says nothing of its service.
void write_otlp_resource(JsonWriter& json, const TraceNode& segment);

}  // namespace xtrace::collect
