#pragma once

/// The waterfall of a received trace: a row for each segment and subsegment under its parent, with
/// a bar to scale, what came of it, and how long it took.

#include <string>

#include "cli/report.h"
#include "collect/stored_trace.h"
#include "collect/trace_digest.h"
#include "collect/trace_tree.h"

namespace xtrace::cli {

/// A trace and what was derived from it.
struct TraceView {
  const collect::StoredTrace& trace;
  const collect::TraceTree& tree;
  const collect::TraceDigest& digest;
};

/// Which trace it is and what came of it, the rows over their axis, a key to the signs that are
/// used, and what the numbers mean where that is not obvious.
std::string draw_trace(const TraceView& view, const Style& style);

/// The rows alone, their axis and their key; nothing where no node has a time.
std::string draw_waterfall(const collect::TraceTree& tree, const Style& style);

}  // namespace xtrace::cli
