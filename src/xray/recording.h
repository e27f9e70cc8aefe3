#pragma once

/// How every function of a segment's handles gets at its node.

#include <mutex>
#include <string_view>

#include <xtrace/segment_context.h>

#include "base/fork.h"
#include "xray/segment_tree.h"

namespace xtrace {

/// Counts a value that came after its document had left.
void count_late_value(const SegmentTree& tree);

/// Calls `deed(tree, node)` under the tree's lock, unless there is nothing to record into.
template <class Deed>
void record(const SegmentTreeReference& tree, SegmentNode* node, Deed deed) {
  if (node == nullptr || tree->generation != fork_generation()) return;
  const std::scoped_lock lock{tree->mutex};
  if (node->is_sent && !(tree->is_facade && node == tree->root)) return count_late_value(*tree);
  deed(*tree, *node);
}

/// `text` in the tree's memory, cut to the characters that X-Ray allows in most texts.
void keep_short_text(SegmentTree& tree, Text& place, std::string_view text);

/// What was answered, as it is.
void keep_response(SegmentTree& tree, SegmentNode& node, const HttpResponseFacts& response);
void add_flags(SegmentNode& node, const Flags& more);
/// Records what was answered with the flags that it stands for, and ends the node: one lock for a
/// server's last word.
void end_with_response(SegmentTree& tree, SegmentNode& node, const HttpResponseFacts& response);

/// The entry of that key, new at the end where there is none.
Entry& entry_of(SegmentTree& tree, List<Entry>& entries, std::string_view key);

}  // namespace xtrace
