#pragma once

/// Whether what a filter asks for is true of a trace. Allocates nothing.

#include "collect/filter_node.h"
#include "collect/trace_digest.h"

namespace xtrace::collect {

bool holds(const FilterNode& node, const TraceDigest& trace);

}  // namespace xtrace::collect
