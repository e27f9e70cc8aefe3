#pragma once

/// What follows from a trace as a whole: which time was a node's own, who was waited for, which
/// clocks differ, and which calls nobody answered for.

#include "collect/trace_tree.h"

namespace xtrace::collect {

/// Fills in what trace_tree.h says is found out by looking at the whole, and the tree's times.
/// Takes nodes that are in their order.
void analyse(TraceTree& tree);

}  // namespace xtrace::collect
