#include "collect/trace_tree.h"
#include "fuzz/target.h"

using namespace xtrace::collect;
using xtrace::testing::require;

/// Documents of one trace, a line each: whatever they say there is a tree, and nobody is lost in
/// it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string_view> documents;
  for (std::string_view rest = xtrace::testing::as_text(data, size); !rest.empty();) {
    documents.push_back(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(documents.back().size() + 1, rest.size()));
  }
  const TraceTree tree = build_tree(documents);
  std::vector<TimeRange> path = {{.from = tree.end, .to = tree.end}};
  for (std::uint32_t index = 0; index < tree.nodes.size(); ++index) {
    const TraceNode& node = tree.nodes[index];
    const bool is_top = node.parent == TraceNode::kNone;
    require(is_top ? node.depth == 0 : node.parent < index && !node.is_waiting);
    require(is_top || node.depth == tree.nodes[node.parent].depth + 1);
    require(node.segment <= index && node.document < documents.size() && node.self >= 0);
    require(node.is_in_progress == !node.end && node.end.value_or(node.start) >= node.start);
    path.insert(path.end(), node.critical.begin(), node.critical.end());
  }
  std::ranges::sort(path, {}, &TimeRange::from);
  double at = tree.start;
  for (const TimeRange& range : path) require(range.from >= std::exchange(at, range.to));
  return 0;
}
