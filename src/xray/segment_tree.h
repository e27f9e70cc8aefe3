#pragma once

/// The tree behind `Segment`, `Subsegment` and `SegmentContext`: nodes in the order they began,
/// linked to their parents and children.
///
/// Plain data under one mutex: whoever holds a handle locks, reads or writes, unlocks. Nodes never
/// move and never go before the tree does. Trees are recycled with their memory.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/document_set.h>
#include <xtrace/sampler.h>
#include <xtrace/segment.h>

#include "xray/segment_records.h"
#include "xray/tree_memory.h"

namespace xtrace {

struct TracerState;

struct SegmentTree {
  // Set before anybody else sees the tree, and only read afterwards.
  std::atomic<std::uint32_t> references{1};
  std::uint32_t generation = 0;  ///< Of the process that made it (base/fork.h).
  std::shared_ptr<TracerState> home{};
  Clock own_clock{};
  TraceId trace_id{};
  Text root_text{};  ///< Instead of `trace_id` in headers, where the caller's root is no trace id.
  std::optional<SegmentId> parent_id{};
  List<FieldRecord> extra{};  ///< Of the caller's header.
  Text tracestate{};          ///< What others wrote there.
  SamplingDecision decision{};
  SegmentId unrecorded_id{};
  bool is_facade = false;  ///< The root is somebody else's to send.

  std::mutex mutex{};
  TreeMemory memory{};
  SegmentNode* root = nullptr;  ///< Null where nothing is recorded. Parents come before children.
  SegmentNode* newest = nullptr;
  std::size_t node_count = 0;
  Text user{};
  Text origin{};
  Text service_version{};
  std::uint64_t corrected = 0;
  std::uint32_t turn = 0;  ///< Of `NodePlan::turn`.
  TimePoint began{};
  DocumentSet documents{};  ///< Reused by whoever sends.

  /// Wall time that moves with the ticks, so that no step of the wall clock gets into a duration.
  WallTime now() const;
  const Clock& clock() const;
  SegmentNode& add_node(std::string_view name, SegmentNode* parent);
  /// Ends the node and the open ones below that may not outlive it.
  void end_node(SegmentNode& node, WallTime at);
};

/// An empty tree with one reference, from those that are waiting to be used again where there are
/// any.
SegmentTree& take_tree();

/// The next node below `top` after `node`, depth first; null after the last. Without recursion, for
/// a tree may be as deep as its user likes.
SegmentNode* next_below(SegmentNode* node, const SegmentNode& top);
/// The same, without what is below `node` itself.
SegmentNode* next_beside(SegmentNode* node, const SegmentNode& top);

}  // namespace xtrace
