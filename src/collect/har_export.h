#pragma once

/// Traces as an HTTP archive (HAR 1.2), which browsers' developer tools open: an entry for each
/// request that was sent, in the order in which they began.
///
/// Requests are the calls with a URL (where a call was tried several times, each attempt), and
/// root segments that were asked for a URL by nobody who is in the trace. X-Ray records neither
/// fields nor bodies, so those are empty; what is not known of the times is -1.

#include <span>

#include "base/json_writer.h"
#include "collect/export_trace.h"

namespace xtrace::collect {

void write_har(JsonWriter& json, std::span<const ExportTrace> traces);

}  // namespace xtrace::collect
