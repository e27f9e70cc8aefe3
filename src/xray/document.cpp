#include "xray/document.h"

#include <algorithm>
#include <string>
#include <vector>

#include "xray/node_writer.h"
#include "xray/segment_tree.h"

namespace xtrace {

namespace {

/// The next sibling, this one included, that is written into its parent's object.
SegmentNode* embedded_from(const SegmentTree& tree, SegmentNode* node) {
  while (node != nullptr && (node->plan.turn != tree.turn || node->plan.is_detached)) {
    node = node->next_sibling;
  }
  return node;
}

/// Begins a new writing: marks all nodes that belong to it. Returns how many they are.
std::size_t mark_nodes(SegmentTree& tree, SegmentNode& top) {
  ++tree.turn;
  std::size_t count = 0;
  SegmentNode* node = &top;
  while (node != nullptr) {
    const bool goes_alone = node->is_sent || (node->may_outlive_parent && !node->end);
    if (node != &top && goes_alone && !top.is_sent) {
      node = next_beside(node, top);
      continue;
    }
    node->plan.turn = tree.turn;
    node->plan.is_detached = false;
    ++count;
    node = next_below(node, top);
  }
  return count;
}

/// The next node of this writing, in the order they began; parents come before their children.
SegmentNode* next_marked(const SegmentTree& tree, SegmentNode* node) {
  do {
    node = node->next_begun;
  } while (node != nullptr && node->plan.turn != tree.turn);
  return node;
}

/// Writes `top` and what is embedded in it, noting each node's size. Without recursion: a tree may
/// be deep.
std::uint64_t write_document(const SegmentTree& tree, SegmentNode& top, std::size_t text_limit,
                             std::string& out) {
  out.clear();
  JsonWriter json{out};
  SegmentNode* node = &top;
  while (true) {
    node->plan.begin = json.size();
    json.begin_object();
    write_node_fields(json, tree, *node, node == &top ? NodeForm::document : NodeForm::embedded,
                      text_limit);
    if (SegmentNode* child = embedded_from(tree, node->first_child)) {
      json.key("subsegments");
      json.begin_array();
      node = child;
      continue;
    }
    while (true) {
      json.end_object();
      node->plan.bytes = json.size() - node->plan.begin;
      if (node == &top) return json.corrections();
      SegmentNode* sibling = embedded_from(tree, node->next_sibling);
      if (sibling == nullptr) {
        node = node->parent;
        json.end_array();
        continue;
      }
      node = sibling;
      break;
    }
  }
}

bool fits(const SegmentNode& node, const DocumentLimits& limits) {
  const std::size_t extra = node.parent == nullptr ? 0 : kStandaloneBytes;
  return node.plan.bytes + extra <= limits.bytes && node.plan.nodes <= limits.max_subsegments + 1;
}

/// The finished subtrees that `top` could do without: its finished children, and those below
/// children that go on.
std::vector<SegmentNode*> find_leavers(const SegmentTree& tree, SegmentNode& top) {
  std::vector<SegmentNode*> leavers;
  std::vector<SegmentNode*> ongoing{&top};
  while (!ongoing.empty()) {
    const SegmentNode* node = ongoing.back();
    ongoing.pop_back();
    for (SegmentNode* child = embedded_from(tree, node->first_child); child != nullptr;
         child = embedded_from(tree, child->next_sibling)) {
      (child->plan.is_finished ? leavers : ongoing).push_back(child);
    }
  }
  std::ranges::stable_sort(leavers, std::ranges::greater{},
                           [](const SegmentNode* node) { return node->plan.bytes; });
  return leavers;
}

void shrink(const SegmentTree& tree, SegmentNode& node, const DocumentLimits& limits) {
  for (SegmentNode* leaver : find_leavers(tree, node)) {
    if (fits(node, limits)) return;
    leaver->plan.is_detached = true;
    node.plan.bytes -= leaver->plan.bytes;
    node.plan.nodes -= leaver->plan.nodes;
  }
}

/// Decides who leaves. Children come after their parents, so that going backwards every child is
/// settled before its parent, and takes the bytes that left it off all its ancestors.
void plan_documents(SegmentTree& tree, SegmentNode& top, const DocumentLimits& limits) {
  for (SegmentNode* node = &top; node != nullptr; node = next_marked(tree, node)) {
    node->plan.nodes = 1;
    node->plan.is_finished = node->end.has_value();
    // Own bytes only for now; the children's are added again below, less what left.
    if (node != &top) node->parent->plan.bytes -= node->plan.bytes;
  }
  for (SegmentNode* node = tree.newest;; node = node->previous_begun) {
    if (node->plan.turn != tree.turn) continue;
    const bool is_document = node->plan.is_finished || node == &top;
    if (is_document && !fits(*node, limits)) shrink(tree, *node, limits);
    if (node == &top) return;
    node->parent->plan.bytes += node->plan.bytes;
    node->parent->plan.nodes += node->plan.nodes;
    if (!node->plan.is_finished) node->parent->plan.is_finished = false;
  }
}

std::string& reusable_document(DocumentSet& out, std::size_t index) {
  if (index == out.documents.size()) out.documents.emplace_back();
  return out.documents[index];
}

Error refuse(const SegmentNode& node, std::size_t size, std::size_t limit) {
  std::string path{node.name.view()};
  for (const SegmentNode* above = node.parent; above != nullptr; above = above->parent) {
    path.insert(0, " > ");
    path.insert(0, above->name.view());
  }
  std::string message = "write segment document \"" + path + "\": ";
  message += std::to_string(size) + " bytes even with its texts cut, more than the ";
  message += std::to_string(limit) + " of a datagram";
  return {Error::Code::document_too_large, Phase::none, std::move(message)};
}

/// Finds the mildest cut that makes the document fit. False where none does.
bool cut_texts(const SegmentTree& tree, SegmentNode& top, std::size_t limit, std::string& out) {
  std::size_t too_long = out.size();
  write_document(tree, top, kShortestText, out);
  if (out.size() > limit) return false;
  std::size_t good = kShortestText;
  while (good + 1 < too_long) {
    const std::size_t middle = good + (too_long - good) / 2;
    write_document(tree, top, middle, out);
    (out.size() <= limit ? good : too_long) = middle;
  }
  write_document(tree, top, good, out);
  return true;
}

/// Writes one document of a tree that had to be divided; leaves it out where it cannot fit. True
/// when it is there.
bool write_part(const SegmentTree& tree, SegmentNode& top, const DocumentLimits& limits,
                DocumentSet& out, std::size_t index) {
  std::string& text = reusable_document(out, index);
  const std::uint64_t corrections = write_document(tree, top, kNoTextLimit, text);
  if (text.size() > limits.bytes) {
    if (!cut_texts(tree, top, limits.bytes, text)) {
      ++out.counts.refused;
      out.refusals.push_back(refuse(top, text.size(), limits.bytes));
      return false;
    }
    ++out.counts.truncated;
  }
  out.counts.corrected += corrections;
  return true;
}

}  // namespace

void write_tree(SegmentTree& tree, SegmentNode& top, const DocumentLimits& limits,
                DocumentSet& out) {
  out.counts = {};
  out.counts.corrected = tree.corrected;
  out.refusals.clear();
  top.plan.nodes = mark_nodes(tree, top);
  const std::uint64_t corrections =
      write_document(tree, top, kNoTextLimit, reusable_document(out, 0));
  if (fits(top, limits)) {
    out.counts.corrected += corrections;
    out.documents.resize(1);
    return;
  }
  plan_documents(tree, top, limits);
  std::size_t count = 0;
  for (SegmentNode* node = &top; node != nullptr; node = next_marked(tree, node)) {
    if (!node->plan.is_detached) continue;
    ++out.counts.split;
    if (write_part(tree, *node, limits, out, count)) ++count;
  }
  if (write_part(tree, top, limits, out, count)) ++count;
  out.documents.resize(count);
}

void write_alone(SegmentTree& tree, SegmentNode& node, const DocumentLimits& limits,
                 DocumentSet& out) {
  out.counts = {};
  out.counts.corrected = tree.corrected;
  out.refusals.clear();
  ++tree.turn;
  node.plan.turn = tree.turn;
  node.plan.is_detached = false;
  out.documents.resize(write_part(tree, node, limits, out, 0) ? 1 : 0);
}

void mark_sent(SegmentTree& tree, SegmentNode& top) {
  // By the tree, not in the order of beginning: behind a late child there may be many others.
  SegmentNode* node = &top;
  while (node != nullptr) {
    const bool was_written = node->plan.turn == tree.turn;
    if (was_written) node->is_sent = true;
    node = was_written ? next_below(node, top) : next_beside(node, top);
  }
}

}  // namespace xtrace
