#include <utility>

#include <xtrace/segment.h>

#include "xray/document.h"
#include "xray/recording.h"
#include "xray/tracer_state.h"

namespace xtrace {

namespace {

/// Writes with the buffers of the tree, and sends without its lock, which the caller holds before
/// and after.
template <class Write>
void write_and_send(SegmentTree& tree, std::unique_lock<std::mutex>& lock, Write write) {
  DocumentSet set = std::exchange(tree.documents, {});
  write(set);
  tree.corrected = 0;
  lock.unlock();
  tree.home->send(set);
  lock.lock();
  tree.documents = std::move(set);
}

void send_finished(SegmentTree& tree, std::unique_lock<std::mutex>& lock, SegmentNode& node) {
  write_and_send(tree, lock, [&tree, &node](DocumentSet& set) {
    write_tree(tree, node, tree.home->config.limits, set);
    mark_sent(tree, node);
  });
}

/// What ended with a facade. Each part is somebody's to send: of those that ended before, each sent
/// itself, and so will those that begin meanwhile.
void send_children(SegmentTree& tree, std::unique_lock<std::mutex>& lock, SegmentNode& facade) {
  for (SegmentNode* child = facade.first_child; child != nullptr; child = child->next_sibling) {
    if (child->end && !child->is_sent) send_finished(tree, lock, *child);
  }
}

template <class Before>
void end_at(SegmentTree& tree, SegmentNode& node, const std::optional<WallTime>& at,
            Before before) {
  std::unique_lock lock{tree.mutex};
  if (node.end) return;
  before();
  tree.end_node(node, at ? *at : tree.now());
  if (!tree.home) return;
  const bool is_root = node.parent == nullptr;
  if (is_root && tree.is_facade) return send_children(tree, lock, node);
  if (is_root || node.parent->is_sent) send_finished(tree, lock, node);
}

}  // namespace

void end_with_response(SegmentTree& tree, SegmentNode& node, const HttpResponseFacts& response) {
  end_at(tree, node, std::nullopt, [&tree, &node, &response] {
    keep_response(tree, node, response);
    if (response.status) add_flags(node, flags_of_status(*response.status));
  });
}

SegmentOptions continue_trace(const TraceHeader& header) {
  SegmentOptions options;
  options.trace_id = header.root;
  const Expected<SegmentId> parent = SegmentId::parse(header.parent);
  if (parent) options.parent_id = *parent;
  return options;
}

SegmentHandle::SegmentHandle(SegmentHandle&& other) noexcept
    : SegmentContext(std::exchange(other.tree_, {}), std::exchange(other.node_, nullptr)) {}

SegmentHandle& SegmentHandle::operator=(SegmentHandle&& other) noexcept {
  if (this == &other) return *this;
  end();
  tree_ = std::exchange(other.tree_, {});
  node_ = std::exchange(other.node_, nullptr);
  return *this;
}

SegmentHandle::~SegmentHandle() {
  end();
}

void SegmentHandle::announce() {
  if (node_ == nullptr || tree_->generation != fork_generation()) return;
  std::unique_lock lock{tree_->mutex};
  const bool is_ours = node_->parent != nullptr || !tree_->is_facade;
  if (!tree_->home || !is_ours || node_->end || node_->is_announced) return;
  node_->is_announced = true;
  write_and_send(*tree_, lock, [this](DocumentSet& set) {
    write_alone(*tree_, *node_, tree_->home->config.limits, set);
  });
}

// Most handles that go were ended before, and need no lock to know it.
void SegmentHandle::end() {
  if (node_ == nullptr || node_->is_over.load(std::memory_order_acquire)) return;
  if (tree_->generation != fork_generation()) return;
  end_at(*tree_, *node_, std::nullopt, [] {});
}

void SegmentHandle::end(WallTime at) {
  if (node_ == nullptr || tree_->generation != fork_generation()) return;
  end_at(*tree_, *node_, at, [] {});
}

void Subsegment::set_namespace(Namespace space) {
  record(tree_, node_, [space](SegmentTree&, SegmentNode& node) { node.space = space; });
}

void Subsegment::add_precursor(const SegmentId& id) {
  record(tree_, node_, [&id](SegmentTree& tree, SegmentNode& node) {
    node.precursors.append(tree.memory).id = id;
  });
}

Segment Segment::begin(std::string_view name, const SegmentOptions& options) {
  SegmentTree& tree = take_tree();
  SegmentTreeReference reference{&tree};
  tree.own_clock = options.clock;
  tree.began = options.clock ? options.clock() : now();
  tree.parent_id = options.parent_id;
  tree.decision.is_sampled = true;
  SegmentNode& root = tree.add_node(name, nullptr);
  root.start = options.start ? *options.start : tree.began.wall;
  root.id = options.id ? *options.id : SegmentId::generate();
  tree.trace_id = options.trace_id ? *options.trace_id : TraceId::generate(root.start);
  return Segment{std::move(reference), &root};
}

void Segment::set_user(std::string_view user) {
  record(tree_, node_,
         [user](SegmentTree& tree, SegmentNode&) { keep_short_text(tree, tree.user, user); });
}

void Segment::set_origin(std::string_view origin) {
  record(tree_, node_,
         [origin](SegmentTree& tree, SegmentNode&) { keep_short_text(tree, tree.origin, origin); });
}

void Segment::set_service_version(std::string_view version) {
  record(tree_, node_, [version](SegmentTree& tree, SegmentNode&) {
    keep_short_text(tree, tree.service_version, version);
  });
}

std::size_t Segment::subsegment_count() const {
  if (node_ == nullptr || tree_->generation != fork_generation()) return 0;
  const std::scoped_lock lock{tree_->mutex};
  return tree_->node_count - 1;
}

DocumentSet Segment::documents(const DocumentLimits& limits) const {
  DocumentSet set;
  write_documents(set, limits);
  return set;
}

void Segment::write_documents(DocumentSet& reused, const DocumentLimits& limits) const {
  if (node_ == nullptr || tree_->generation != fork_generation() || tree_->is_facade) {
    reused.documents.clear();
    reused.counts = {};
    reused.refusals.clear();
    return;
  }
  const std::scoped_lock lock{tree_->mutex};
  write_tree(*tree_, *node_, limits, reused);
}

}  // namespace xtrace
