#include "xray/segment_tree.h"

#include <algorithm>
#include <utility>

#include "xray/correct.h"

namespace xtrace {

namespace {

/// Depth first without recursion, for a tree may be as deep as its user likes. Null after the last
/// node below `top`.
SegmentNode* next_below(SegmentNode* node, const SegmentNode& top) {
  if (node->first_child != nullptr) return node->first_child;
  while (node != &top && node->next_sibling == nullptr) node = node->parent;
  return node == &top ? nullptr : node->next_sibling;
}

void end_with(SegmentNode& node, const SegmentNode& ender, WallTime at) {
  node.end = std::max(node.start, at);
  node.flags.error |= ender.flags.error;
  node.flags.throttle |= ender.flags.throttle;
  node.flags.fault |= ender.flags.fault;
  if (node.exceptions.empty()) node.exceptions = ender.exceptions;
}

}  // namespace

WallTime SegmentTree::now() const {
  return began.wall + std::chrono::duration_cast<WallTime::duration>(
                          (clock ? clock() : xtrace::now()).tick - began.tick);
}

SegmentNode& SegmentTree::add_node(std::string_view name, SegmentNode* parent) {
  SegmentNode& node = nodes.emplace_back();
  Corrected corrected_name = correct_name(name);
  corrected += corrected_name.is_changed ? 1U : 0U;
  node.name = std::move(corrected_name.text);
  node.parent = parent;
  if (parent == nullptr) return node;
  if (parent->last_child == nullptr) {
    parent->first_child = &node;
  } else {
    parent->last_child->next_sibling = &node;
  }
  parent->last_child = &node;
  return node;
}

void SegmentTree::end_node(SegmentNode& node, WallTime at) {
  if (node.end) return;
  if (at < node.start) ++corrected;
  node.end = std::max(node.start, at);
  for (SegmentNode* below = next_below(&node, node); below != nullptr;
       below = next_below(below, node)) {
    if (!below->end) end_with(*below, node, *node.end);
  }
}

}  // namespace xtrace
