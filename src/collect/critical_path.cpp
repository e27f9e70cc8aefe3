#include "collect/critical_path.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace xtrace::collect {

namespace {

/// Times are microseconds that were rounded twice.
constexpr double kRounding = 2e-6;

class PathWalk {
 public:
  PathWalk(TraceTree& tree, ChildList& children)
      : tree_(tree), children_(children), windows_(tree.nodes.size()) {}

  void run() {
    step(tops(), {tree_.start, tree_.end}, nullptr);
    // Parents stand before their children, so that each has its window when it is its turn.
    for (std::uint32_t index = 0; index < windows_.size(); ++index) {
      const TimeRange window = windows_[index];
      if (window.to <= window.from) continue;
      TraceNode& node = tree_.nodes[index];
      node.critical = step(children_.of(index), window, &node);
    }
  }

 private:
  struct Candidate {
    TimeRange range{};
    std::uint32_t node = 0;
  };

  /// What waits for its parent is somewhere within what does not.
  std::span<const std::uint32_t> tops() {
    const std::span<const std::uint32_t> all = children_.tops();
    const auto waits = [this](std::uint32_t node) { return tree_.nodes[node].is_waiting; };
    const auto roots = static_cast<std::size_t>(std::ranges::find_if(all, waits) - all.begin());
    return roots == 0 ? all : all.first(roots);
  }

  /// Gives those on the path their windows; what is left of `window` is the parent's own.
  std::vector<TimeRange> step(std::span<const std::uint32_t> children, TimeRange window,
                              const TraceNode* parent) {
    std::vector<TimeRange> own;
    double point = window.to;
    for (Candidate& candidate : candidates(children, window, parent)) {
      TimeRange& range = candidate.range;
      if (range.to > point + kRounding) continue;
      range.to = std::min(range.to, point);
      if (range.to <= range.from) continue;
      if (range.to < point) own.push_back({range.to, point});
      windows_[candidate.node] = range;
      point = range.from;
    }
    if (window.from < point) own.push_back({window.from, point});
    std::ranges::reverse(own);
    return own;
  }

  /// From the one that ended last to the one that ended first.
  std::vector<Candidate> candidates(std::span<const std::uint32_t> children, TimeRange window,
                                    const TraceNode* parent) const {
    std::vector<Candidate> all;
    for (const std::uint32_t index : children) {
      const TraceNode& child = tree_.nodes[index];
      if (child.start == 0 || !was_awaited(child, parent)) continue;
      const TimeRange range{std::max(child.start, window.from),
                            std::min(end_of(child, tree_), window.to)};
      if (range.from < range.to) all.push_back({range, index});
    }
    std::ranges::sort(all, {}, [](const Candidate& candidate) {
      return std::tuple(-candidate.range.to, candidate.range.from, candidate.node);
    });
    return all;
  }

  /// A subsegment that outlives its parent is work that was left running. A callee that seems to do
  /// so has another clock. What never ended under a parent that failed is what failed it.
  bool was_awaited(const TraceNode& child, const TraceNode* parent) const {
    if (parent == nullptr || child.is_segment || !parent->end) return true;
    if (child.is_in_progress) return parent->flags.fault || parent->flags.error;
    return end_of(child, tree_) <= *parent->end + kRounding;
  }

  TraceTree& tree_;
  ChildList& children_;
  std::vector<TimeRange> windows_;  ///< The part of the path that each node and those below it are.
};

}  // namespace

void find_critical_path(TraceTree& tree, ChildList& children) {
  PathWalk(tree, children).run();
}

double end_of(const TraceNode& node, const TraceTree& tree) {
  return node.end ? *node.end : std::max(tree.end, node.start);
}

}  // namespace xtrace::collect
