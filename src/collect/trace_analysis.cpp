#include "collect/trace_analysis.h"

#include <algorithm>
#include <span>
#include <vector>

#include "collect/child_list.h"
#include "collect/critical_path.h"

namespace xtrace::collect {

namespace {

void find_times(TraceTree& tree) {
  for (const TraceNode& node : tree.nodes) {
    if (node.start == 0) continue;
    if (tree.start == 0 || node.start < tree.start) tree.start = node.start;
    tree.end = std::max(tree.end, node.end.value_or(node.start));
  }
}

/// Callees are found below the call, or below one of its attempts.
void find_inferred(TraceTree& tree) {
  std::vector<bool> is_answered(tree.nodes.size());
  for (const TraceNode& callee : tree.nodes) {
    if (!callee.is_segment) continue;
    std::uint32_t caller = callee.parent;
    while (caller != TraceNode::kNone && !is_answered[caller] && !tree.nodes[caller].is_segment) {
      is_answered[caller] = true;
      caller = tree.nodes[caller].parent;
    }
  }
  for (std::uint32_t index = 0; index < tree.nodes.size(); ++index) {
    TraceNode& node = tree.nodes[index];
    node.is_inferred = node.is_call() && !is_answered[index];
  }
}

double self_time(const TraceNode& node, std::span<const std::uint32_t> children,
                 const TraceTree& tree) {
  if (node.start == 0) return 0;
  const double end = end_of(node, tree);
  double self = end - node.start;
  double covered = node.start;
  for (const std::uint32_t index : children) {
    const TraceNode& child = tree.nodes[index];
    if (child.start == 0) continue;
    const double from = std::max(child.start, covered);
    const double to = std::min(end_of(child, tree), end);
    if (to <= from) continue;
    self -= to - from;
    covered = to;
  }
  return std::max(self, 0.0);
}

/// Of a callee's segment: within a process the clock is one. Up to a millisecond is the resolution
/// that some SDKs have.
double skew_of(const TraceNode& callee, const TraceNode& caller) {
  constexpr double kResolution = 0.001;
  if (callee.start == 0 || caller.start == 0) return 0;
  double skew = caller.start - callee.start;
  const bool was_answered = !caller.is_segment && caller.end && caller.http.status != 0;
  // One that took longer than the call went on behind its answer, or was not waited for.
  if (was_answered && callee.end && *callee.end - callee.start <= *caller.end - caller.start) {
    skew = std::max(skew, *callee.end - *caller.end);
  }
  return skew > kResolution ? skew : 0;
}

}  // namespace

void analyse(TraceTree& tree) {
  find_times(tree);
  find_inferred(tree);
  std::vector<std::uint32_t> parents;
  parents.reserve(tree.nodes.size());
  for (const TraceNode& node : tree.nodes) parents.push_back(node.parent);
  ChildList children(parents);
  for (std::uint32_t index = 0; index < tree.nodes.size(); ++index) {
    TraceNode& node = tree.nodes[index];
    node.self = self_time(node, children.of(index), tree);
    if (node.is_segment && node.parent != TraceNode::kNone) {
      node.skew = skew_of(node, tree.nodes[node.parent]);
    }
  }
  find_critical_path(tree, children);
}

}  // namespace xtrace::collect
