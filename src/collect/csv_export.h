#pragma once

/// Traces as a table: a row for each segment and subsegment, RFC 4180.
///
/// The columns are `trace_id id parent_id kind service name namespace depth start duration_us
/// self_us method url status error throttle fault in_progress`: times in seconds since the epoch
/// and whole microseconds, marks 0 or 1. A field is empty where nothing is known.

#include <string>

#include "collect/export_trace.h"

namespace xtrace::collect {

/// With its line end, as every row.
std::string trace_csv_header();

/// The trace's nodes in their order.
std::string trace_csv_rows(const ExportTrace& trace);

}  // namespace xtrace::collect
