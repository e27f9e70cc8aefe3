#pragma once

/// The critical path: what a trace's end waited for, moment by moment.

#include "collect/child_list.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

/// Fills in `critical` of the tree's nodes: walks from the end of what came last to the last child
/// that ended before, from its beginning on again, and in each child likewise. `children` are in
/// the tree's order.
void find_critical_path(TraceTree& tree, ChildList& children);

/// When a node ended, or, where that is not known, how far the trace goes.
double end_of(const TraceNode& node, const TraceTree& tree);

}  // namespace xtrace::collect
