#pragma once

/// The blocks of a node that are objects of their own: `http` and `cause`.

#include <cstddef>

#include "collect/trace_tree.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

/// Leaves alone what the block does not say.
void read_http(ValueReader& reader, NodeHttp& http);
/// An object of exceptions, or the id of one that another node has. There is `room` for so many
/// exceptions and frames, what is kept takes of it, and frames that find none are `truncated`.
/// Returns how many exceptions found none.
std::size_t read_cause(ValueReader& reader, TraceNode& node, std::size_t& room);

}  // namespace xtrace::collect
