#pragma once

/// Where the failures of a trace began.

#include <cstdint>
#include <span>
#include <vector>

#include "collect/trace_digest.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

/// Whose work each node of a tree is: numbers of services, `EdgeVisit::kClient` where unknown.
struct NodeServices {
  std::vector<std::uint32_t> own;  ///< The service that did it.
  /// The service that is known only from the call that it is, or is part of.
  std::vector<std::uint32_t> called;
};

/// The deepest nodes that have a flag, in the order of the tree: 20 of them at most, of those that
/// say the same one. Of what a few thousand did before, no more is looked at.
std::vector<RootCause> find_root_causes(const TraceTree& tree, const NodeServices& services);

}  // namespace xtrace::collect
