#pragma once

/// From a tree to its documents: one while it fits, else finished subtrees leave as documents of
/// their own.

#include <xtrace/document_set.h>

namespace xtrace {

struct SegmentTree;
struct SegmentNode;

/// Writes `top` and what is below it into `out`, whose strings are reused. The caller holds the
/// tree's lock.
///
/// What goes on by itself (`may_outlive_parent`) or has left already stays out, unless `top` has
/// left too: then this is for somebody to look at. A node that is too large takes leave of its
/// largest finished subtrees first, from the leaves upward, so that every document is as large as
/// it may be. What has not ended stays where it is. A document that is still too large has its
/// longest texts (metadata, exception messages, URL) cut to a common length with a mark, and its
/// stacks to a few frames; one that
/// does not fit even so is left out with an error in `out.refusals`.
void write_tree(SegmentTree& tree, SegmentNode& top, const DocumentLimits& limits,
                DocumentSet& out);

/// Writes `node` as one document without anything below it.
void write_alone(SegmentTree& tree, SegmentNode& node, const DocumentLimits& limits,
                 DocumentSet& out);

/// Marks what the last `write_tree` from `top` wrote as sent.
void mark_sent(SegmentTree& tree, SegmentNode& top);

}  // namespace xtrace
