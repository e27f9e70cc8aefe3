#pragma once

/// `TraceTree` is a trace as it is shown: every segment and subsegment of its documents, under its
/// parent, in the order of their starts.
///
/// Nesting in a document is authoritative, whatever `parent_id` says (the AWS SDK for Go writes the
/// root's id there at any depth); a document of its own is attached to the node that its
/// `parent_id` names, in whatever document that is. One whose parent has not come waits at the end.
/// Of several nodes of one id the last finished one stays, and the others are counted. Nothing is
/// refused: what is missing or of the wrong kind is absent, what is wrong is marked.
///
/// A tree is a look at a `StoredTrace`: its texts are views into the documents (or, where they had
/// escapes, into the tree), so it goes before the next document is added.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/segment_facts.h>
#include <xtrace/trace_id.h>

#include "collect/stored_trace.h"

namespace xtrace::collect {

struct NodeHttp {
  std::string_view method{};
  std::string_view url{};
  std::string_view user_agent{};
  std::string_view client_ip{};
  bool is_forwarded = false;
  bool is_traced = false;  ///< `traced`, wherever the SDK put it.
  int status = 0;          ///< 0 where none was recorded.
  std::optional<std::int64_t> content_length{};
};

struct NodeFrame {
  std::string_view path{};
  std::string_view label{};
  std::int64_t line = 0;
};

struct NodeException {
  std::string_view id{};
  std::string_view type{};
  std::string_view message{};
  std::string_view cause{};  ///< The id of the one it wraps.
  bool is_remote = false;
  std::int64_t truncated = 0;  ///< Frames that were left out.
  std::vector<NodeFrame> stack{};
};

/// `[from, to)`, in seconds since the epoch.
struct TimeRange {
  double from = 0;
  double to = 0;

  friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

struct TraceNode {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t parent = kNone;  ///< Its index in the tree; a parent stands before its children.
  std::uint32_t depth = 0;
  std::uint32_t document = 0;  ///< The index of the document it came with.
  /// The segment that it is, or belongs to: an index in the tree. Where that has not come, the one
  /// that waits.
  std::uint32_t segment = 0;
  bool is_segment = false;  ///< As opposed to a subsegment.
  bool is_in_progress = false;
  bool is_waiting = false;  ///< It names a parent that has not come.
  /// A call for which the callee sent no segment: what is known of the service is what the caller
  /// saw.
  bool is_inferred = false;

  SegmentId id{};         ///< Zeros where it has none that is valid.
  SegmentId parent_id{};  ///< As written; zeros where none.
  std::string_view name{};
  std::string_view space{};   ///< `namespace`: `remote`, `aws`, `local`, or empty.
  std::string_view origin{};  ///< `AWS::EC2::Instance`
  std::string_view user{};
  std::string_view resource_arn{};
  /// Seconds since the epoch; the end where only that is known, and 0 where nothing is.
  double start = 0;
  /// Unset while in progress, and only then. Never before `start`.
  std::optional<double> end{};
  Flags flags{};
  NodeHttp http{};
  std::vector<NodeException> exceptions{};
  /// Where the cause is an exception of another node: its id.
  std::string_view cause_id{};

  // The blocks as they are written, JSON each (but for NaN); empty where there are none.
  std::string_view annotations{};
  std::string_view metadata{};
  std::string_view aws{};
  std::string_view sql{};
  std::string_view service{};
  std::string_view links{};

  /// A subsegment of namespace `remote` or `aws`.
  bool is_call() const { return !is_segment && (space == "remote" || space == "aws"); }

  // -- found out by looking at the whole (trace_analysis.cpp) ----------------------------------
  /// Time in which none of its children ran, in seconds.
  double self = 0;
  /// Where the end of the trace waited for this node itself, and for none of its children.
  std::vector<TimeRange> critical{};
  /// Of a segment: seconds by which it begins before its parent, or ends behind it where it was
  /// waited for, which only clocks that differ can explain. 0 where they agree, to a millisecond,
  /// which is as exact as some SDKs are. Nothing is moved.
  double skew = 0;
};

struct TraceTree {
  /// Depth first: roots by their starts, then what waits for its parent.
  std::vector<TraceNode> nodes{};
  double start = 0;  ///< Of the earliest node, and the end of the latest; 0 where no node has any.
  double end = 0;
  std::size_t duplicates = 0;  ///< Nodes left out since another has their id.
  std::size_t waiting = 0;     ///< Nodes whose parent has not come, without those below them.
  /// Nodes behind the first 250,000, which nobody could look at, and exceptions behind a million,
  /// without what is below them.
  std::size_t left_out = 0;
  /// Texts that had escapes, for views to look at.
  std::deque<std::string> decoded{};
};

/// Everything the documents say, and what follows from the whole.
TraceTree build_tree(const StoredTrace& trace);
/// The same of documents that are held elsewhere, and outlive the tree.
TraceTree build_tree(std::span<const std::string_view> documents);

}  // namespace xtrace::collect
