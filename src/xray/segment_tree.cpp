#include "xray/segment_tree.h"

#include <algorithm>

#include "xray/correct.h"
#include "xray/tracer_state.h"

namespace xtrace {

namespace {

void end_with(SegmentTree& tree, SegmentNode& node, const SegmentNode& ender, WallTime at) {
  node.end = std::max(node.start, at);
  node.is_over.store(true, std::memory_order_release);
  node.flags.error |= ender.flags.error;
  node.flags.throttle |= ender.flags.throttle;
  node.flags.fault |= ender.flags.fault;
  if (!node.exceptions.is_empty() || node.cause_elsewhere) return;
  node.cause_elsewhere = ender.cause_elsewhere;
  for (const ExceptionRecord& exception : ender.exceptions) {
    ExceptionRecord& copy = node.exceptions.append(tree.memory);
    copy = exception;  // the texts are shared: a record is never rewritten
    copy.next = nullptr;
  }
}

}  // namespace

SegmentNode* next_below(SegmentNode* node, const SegmentNode& top) {
  return node->first_child != nullptr ? node->first_child : next_beside(node, top);
}

SegmentNode* next_beside(SegmentNode* node, const SegmentNode& top) {
  while (node != &top && node->next_sibling == nullptr) node = node->parent;
  return node == &top ? nullptr : node->next_sibling;
}

const Clock& SegmentTree::clock() const {
  return home ? home->config.clock : own_clock;
}

WallTime SegmentTree::now() const {
  const Clock& clock_in_use = clock();
  const Tick tick = clock_in_use ? clock_in_use().tick : std::chrono::steady_clock::now();
  return began.wall + std::chrono::duration_cast<WallTime::duration>(tick - began.tick);
}

SegmentNode& SegmentTree::add_node(std::string_view name, SegmentNode* parent) {
  auto& node = memory.make<SegmentNode>();
  ++node_count;
  if (newest != nullptr) newest->next_begun = &node;
  node.previous_begun = newest;
  newest = &node;
  if (is_plain_name(name)) {
    node.name.assign(memory, name);
  } else {
    const Corrected mended = correct_name(name);
    corrected += mended.is_changed ? 1U : 0U;
    node.name.assign(memory, mended.text);
  }
  node.parent = parent;
  if (parent == nullptr) {
    root = &node;
    return node;
  }
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
  node.is_over.store(true, std::memory_order_release);
  SegmentNode* below = next_below(&node, node);
  while (below != nullptr) {
    if (below->may_outlive_parent && !below->end) {
      below = next_beside(below, node);
    } else {
      if (!below->end) end_with(*this, *below, node, *node.end);
      below = next_below(below, node);
    }
  }
}

}  // namespace xtrace
