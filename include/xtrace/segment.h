#pragma once

/// `Segment` is the record of one unit of work of a service, `Subsegment` one part of it: a call, a
/// phase.
///
/// Both are move-only handles that own the end: a handle that goes out of scope ends its node. When
/// a segment that a `Tracer` began ends, its documents go to the tracer's emitter. What they record
/// is told to their `SegmentContext` part (segment_context.h), from any thread.
///
/// To record what already happened, give every node its times:
///     auto call = segment.begin_subsegment("api.example.com", {.id = id, .start = wall + 2ms});
///     call.begin_subsegment("dns", {.start = wall + 2ms}).end(wall + 5ms);
///     call.end(wall + 90ms);

#include <cstddef>
#include <optional>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/document_set.h>
#include <xtrace/segment_context.h>
#include <xtrace/segment_facts.h>
#include <xtrace/trace_header.h>
#include <xtrace/trace_id.h>

namespace xtrace {

class Segment;

/// Where an id or a time is not given, a fresh one is made.
struct SegmentOptions {
  std::optional<TraceId> trace_id{};
  std::optional<SegmentId> id{};
  std::optional<SegmentId> parent_id{};  ///< The caller's subsegment.
  std::optional<WallTime> start{};
  Clock clock{};  ///< For the times not given; the machine's where empty.
};

/// The options of a segment that continues the caller's trace: root and parent of the header where
/// they are valid ids.
SegmentOptions continue_trace(const TraceHeader& header);

/// What segments and subsegments share.
class SegmentHandle : public SegmentContext {
 public:
  SegmentHandle(const SegmentHandle&) = delete;
  SegmentHandle& operator=(const SegmentHandle&) = delete;

  /// To hand on: to callbacks, to other threads, to a `ContextScope`.
  SegmentContext context() const { return *this; }

  /// Sends the node as it is, marked `in_progress`, so that long work is seen before it ends: the
  /// finished document with the same id replaces it. Only the first call does, and only where a
  /// tracer began the segment.
  void announce();

  /// Ends the node now, or at the given time (not before its start). Open children end with it,
  /// with its flags and cause, unless they may outlive it. Only the first end counts.
  void end();
  void end(WallTime at);

 protected:
  SegmentHandle() = default;
  SegmentHandle(SegmentTreeReference tree, SegmentNode* node)
      : SegmentContext(std::move(tree), node) {}
  SegmentHandle(SegmentHandle&& other) noexcept;
  SegmentHandle& operator=(SegmentHandle&& other) noexcept;
  ~SegmentHandle();
};

class Subsegment final : public SegmentHandle {
 public:
  /// Empty.
  Subsegment() = default;

  void set_namespace(Namespace space);
  /// A sibling that had to end before this one could begin.
  void add_precursor(const SegmentId& id);

 private:
  friend class SegmentContext;
  using SegmentHandle::SegmentHandle;
};

class Segment final : public SegmentHandle {
 public:
  /// Empty.
  Segment() = default;

  /// A segment of no tracer: its documents are the caller's to fetch and send.
  static Segment begin(std::string_view name, const SegmentOptions& options = {});

  void set_user(std::string_view user);
  /// `AWS::EC2::Instance`, ...
  void set_origin(std::string_view origin);
  void set_service_version(std::string_view version);

  /// How many subsegments were begun in the tree, at any depth, before it was sent.
  std::size_t subsegment_count() const;

  /// The tree as it is now. What has not ended is marked `in_progress`; what outlives its parent is
  /// left out, and so is what was begun after its parent was sent.
  DocumentSet documents(const DocumentLimits& limits = {}) const;
  /// The same into a set that is used again and again: where the tree fits one document, a warm set
  /// allocates nothing.
  void write_documents(DocumentSet& reused, const DocumentLimits& limits = {}) const;

 private:
  friend class Tracer;
  using SegmentHandle::SegmentHandle;
};

}  // namespace xtrace
