#pragma once

/// The blocks of a node that are objects of their own: `http` and `cause`.

#include "collect/trace_tree.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

/// Leaves alone what the block does not say.
void read_http(ValueReader& reader, NodeHttp& http);
/// An object of exceptions, or the id of one that another node has.
void read_cause(ValueReader& reader, TraceNode& node);

}  // namespace xtrace::collect
