#include "collect/node_join.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "collect/child_list.h"

namespace xtrace::collect {

namespace {

std::uint64_t pack(const SegmentId& id) {
  std::uint64_t bits = 0;
  for (const char digit : id.text()) {
    const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
    bits = (bits << 4U) | static_cast<std::uint64_t>(value);
  }
  return bits;
}

/// What has no time comes last.
double start_key(const TraceNode& node) {
  return node.start > 0 ? node.start : std::numeric_limits<double>::max();
}

}  // namespace

NodeJoin::NodeJoin(std::vector<TraceNode> nodes) : nodes_(std::move(nodes)) {}

void NodeJoin::join_into(TraceTree& tree) {
  find_names();
  find_parents();
  break_cycles();
  order_into(tree);
  tree.duplicates = duplicates_;
}

void NodeJoin::find_names() {
  stays_.resize(nodes_.size());
  names_.reserve(nodes_.size());
  for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
    stays_[node] = node;
    documents_.resize(nodes_[node].document + 1, node);
    if (const std::uint64_t id = pack(nodes_[node].id); id != 0) names_.push_back({id, node});
  }
  std::ranges::sort(names_, {}, [](const Named& name) { return std::tie(name.id, name.node); });
  const Named* const end = names_.data() + names_.size();
  for (const Named* begin = names_.data(); begin != end;) {
    const Named* const next =
        std::find_if(begin, end, [begin](const Named& name) { return name.id != begin->id; });
    choose_among(begin, next);
    begin = next;
  }
}

/// Among nodes of one id. A segment stays before a subsegment that has taken its id.
void NodeJoin::choose_among(const Named* begin, const Named* end) {
  const auto rank = [this](const Named& name) {
    const TraceNode& node = nodes_[name.node];
    return std::tuple(!node.is_in_progress, node.is_segment, name.node);
  };
  const std::uint32_t best = std::ranges::max_element(begin, end, {}, rank)->node;
  for (const Named* name = begin; name != end; ++name) stays_[name->node] = best;
  duplicates_ += static_cast<std::size_t>(end - begin) - 1;
}

void NodeJoin::find_parents() {
  parents_.assign(nodes_.size(), kNone);
  // Where one that goes was nested is where the one of its id that stays is, unless that is nested
  // itself; the last one read says where.
  for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
    const std::uint32_t holder = nodes_[node].parent;
    if (holder == kNone || stays_[holder] == stays_[node]) continue;
    const std::uint32_t own = stays_[node];
    if (own == node || nodes_[own].parent == kNone) parents_[own] = stays_[holder];
  }
  for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
    if (stays_[node] == node && parents_[node] == kNone) find_parent(node);
  }
}

/// Of one that is nested nowhere.
void NodeJoin::find_parent(std::uint32_t node) {
  const SegmentId& wanted = nodes_[node].parent_id;
  if (wanted.is_noop() || wanted == nodes_[node].id) return;
  parents_[node] = node_of(wanted);
  nodes_[node].is_waiting = parents_[node] == kNone;
}

std::uint32_t NodeJoin::node_of(const SegmentId& id) const {
  const auto found = std::ranges::lower_bound(names_, pack(id), {}, &Named::id);
  return found != names_.end() && found->id == pack(id) ? stays_[found->node] : kNone;
}

/// So that every node is below a top.
void NodeJoin::break_cycles() {
  enum class Visit : std::uint8_t { not_yet, under_way, over };
  std::vector<Visit> visits(nodes_.size(), Visit::not_yet);
  std::vector<std::uint32_t> path;
  for (std::uint32_t begin = 0; begin < nodes_.size(); ++begin) {
    path.clear();
    std::uint32_t node = begin;
    for (; node != kNone && visits[node] == Visit::not_yet; node = parents_[node]) {
      visits[node] = Visit::under_way;
      path.push_back(node);
    }
    if (node != kNone && visits[node] == Visit::under_way) {
      parents_[weakest_of_cycle(node)] = kNone;
    }
    for (const std::uint32_t passed : path) visits[passed] = Visit::over;
  }
}

/// The one that is best made a top: nesting holds more than a `parent_id`, and a segment stands
/// better alone than a subsegment.
std::uint32_t NodeJoin::weakest_of_cycle(std::uint32_t member) const {
  const auto strength = [this](std::uint32_t node) {
    const TraceNode& it = nodes_[node];
    return std::tuple(it.parent != kNone, !it.is_segment, start_key(it), it.id.text());
  };
  std::uint32_t weakest = member;
  for (std::uint32_t node = parents_[member]; node != member; node = parents_[node]) {
    if (strength(node) < strength(weakest)) weakest = node;
  }
  return weakest;
}

void NodeJoin::order_into(TraceTree& tree) {
  ChildList children(parents_);
  std::vector<std::uint32_t> stack;
  const auto push = [this, &stack](std::span<std::uint32_t> siblings) {
    sort_siblings(siblings.data(), siblings.data() + siblings.size());
    stack.insert(stack.end(), siblings.rbegin(), siblings.rend());
  };
  push(children.tops());
  tree.nodes.reserve(nodes_.size() - duplicates_);
  while (!stack.empty()) {
    const std::uint32_t old = stack.back();
    stack.pop_back();
    if (stays_[old] != old) continue;  // What goes is nobody's child, and so among the tops.
    const auto index = static_cast<std::uint32_t>(tree.nodes.size());
    TraceNode& node = tree.nodes.emplace_back(std::move(nodes_[old]));
    node.parent = parents_[old];
    node.depth = node.parent == kNone ? 0 : tree.nodes[node.parent].depth + 1;
    node.segment =
        node.is_segment || node.parent == kNone ? index : tree.nodes[node.parent].segment;
    if (node.is_waiting) ++tree.waiting;
    for (const std::uint32_t child : children.of(old)) parents_[child] = index;
    push(children.of(old));
  }
}

void NodeJoin::sort_siblings(std::uint32_t* begin, std::uint32_t* end) const {
  const auto before = [this](std::uint32_t left, std::uint32_t right) {
    return comes_before(left, right);
  };
  if (!std::is_sorted(begin, end, before)) std::sort(begin, end, before);
}

/// Also of nodes that were moved into the tree: ids and times stay behind. Tops that wait come
/// last. Where starts agree the order of a document is kept, and documents are
/// told apart by their ids.
bool NodeJoin::comes_before(std::uint32_t left, std::uint32_t right) const {
  const auto key = [this](std::uint32_t node) {
    const TraceNode& it = nodes_[node];
    return std::tuple(it.is_waiting, start_key(it), nodes_[documents_[it.document]].id.text(),
                      node);
  };
  return key(left) < key(right);
}

}  // namespace xtrace::collect
