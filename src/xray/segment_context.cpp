#include <utility>

#include <xtrace/segment.h>
#include <xtrace/segment_context.h>

#include "base/assert.h"
#include "xray/recording.h"

namespace xtrace {

namespace {

thread_local constinit ContextScope* innermost_scope = nullptr;

void append_element(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (!out.empty() && out.back() != ';') out += ';';
  out += key;
  out += '=';
  out += value;
}

std::string_view root_of(const SegmentTree& tree) {
  return tree.root_text.is_empty() ? tree.trace_id.text() : tree.root_text.view();
}

/// A tree of its own for what begins below a node that has left for good, so that the memory of
/// late children goes with them. A facade stands for that node. The caller holds the lock of
/// `tree`.
SegmentTreeReference begin_late_tree(const SegmentTree& tree, const SegmentNode& gone) {
  SegmentTree& late = take_tree();
  SegmentTreeReference reference{&late};
  late.home = tree.home;
  late.trace_id = tree.trace_id;
  late.root_text.assign(late.memory, tree.root_text.view());
  for (const FieldRecord& field : tree.extra) {
    FieldRecord& kept = late.extra.append(late.memory);
    kept.key.assign(late.memory, field.key.view());
    kept.value.assign(late.memory, field.value.view());
  }
  late.tracestate.assign(late.memory, tree.tracestate.view());
  late.decision = tree.decision;
  late.is_facade = true;
  late.began = tree.began;
  SegmentNode& root = late.add_node(gone.name.view(), nullptr);
  root.id = gone.id;
  root.is_sent = true;
  return reference;
}

}  // namespace

SegmentId SegmentContext::id() const {
  if (node_ != nullptr) return node_->id;
  return tree_ ? tree_->unrecorded_id : SegmentId{};
}

TraceId SegmentContext::trace_id() const {
  return tree_ ? tree_->trace_id : TraceId{};
}

SamplingDecision SegmentContext::decision() const {
  return tree_ ? tree_->decision : SamplingDecision{};
}

TraceHeader SegmentContext::trace_header() const {
  TraceHeader header;
  if (!tree_) return header;
  if (tree_->root_text.is_empty()) {
    header.root = tree_->trace_id;
  } else {
    header.root_text = tree_->root_text.view();
  }
  if (const SegmentId own = id(); !own.is_noop()) header.parent = own.text();
  header.sampled = tree_->decision.is_sampled ? Sampled::yes : Sampled::no;
  for (const FieldRecord& field : tree_->extra) {
    header.extra.push_back({std::string{field.key.view()}, std::string{field.value.view()}});
  }
  header.tracestate = tree_->tracestate.view();
  return header;
}

void SegmentContext::append_trace_header(std::string& out) const {
  if (!tree_) return;
  out += "Root=";
  out += root_of(*tree_);
  if (const SegmentId own = id(); !own.is_noop()) append_element(out, "Parent", own.text());
  append_element(out, "Sampled", tree_->decision.is_sampled ? "1" : "0");
  for (const FieldRecord& field : tree_->extra) {
    append_element(out, field.key.view(), field.value.view());
  }
}

Subsegment SegmentContext::begin_subsegment(std::string_view name,
                                            const SubsegmentOptions& options) const {
  if (node_ == nullptr || tree_->generation != fork_generation()) return Subsegment{tree_, nullptr};
  const SegmentId fresh = options.id ? *options.id : SegmentId::generate();
  std::unique_lock lock{tree_->mutex};
  SegmentTreeReference tree = tree_;
  SegmentNode* parent = node_;
  if (node_->is_sent && node_->end) {
    tree = begin_late_tree(*tree_, *node_);
    parent = tree->root;
    lock.unlock();
  }
  SegmentNode& node = tree->add_node(name, parent);
  node.id = fresh;
  node.start = options.start ? *options.start : tree->now();
  node.space = options.space;
  node.may_outlive_parent = options.may_outlive_parent;
  return Subsegment{std::move(tree), &node};
}

Flags SegmentContext::flags() const {
  Flags flags;
  if (node_ == nullptr || tree_->generation != fork_generation()) return flags;
  const std::scoped_lock lock{tree_->mutex};
  return node_->flags;
}

bool SegmentContext::is_ended() const {
  if (node_ == nullptr || tree_->generation != fork_generation()) return true;
  const std::scoped_lock lock{tree_->mutex};
  return node_->end.has_value();
}

ContextScope::ContextScope(SegmentContext context)
    : context_(std::move(context)), outer_(std::exchange(innermost_scope, this)) {}

ContextScope::~ContextScope() {
  XTRACE_ASSERT(innermost_scope == this);
  innermost_scope = outer_;
}

const SegmentContext& current_context() {
  static const auto* const none = new SegmentContext;
  return innermost_scope == nullptr ? *none : innermost_scope->context_;
}

}  // namespace xtrace
