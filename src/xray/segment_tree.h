#pragma once

/// The tree behind `Segment` and `Subsegment`: nodes in the order they began, linked to their
/// parents and children.
///
/// Plain data under one mutex: whoever holds a handle locks, reads or writes, unlocks. Nodes never
/// move and never go before the tree does.

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/segment.h>

namespace xtrace {

struct HttpRecord {
  std::string method;
  std::string url;
  std::string user_agent;
  std::string client_ip;
  bool is_forwarded = false;
  bool is_traced = false;
  std::optional<int> status;
  std::optional<std::uint64_t> content_length;
};

struct ExceptionRecord {
  SegmentId id;
  std::string type;
  std::string message;
  ExceptionOrigin origin;
};

struct Annotation {
  std::string key;
  Scalar value;
};

struct MetadataEntry {
  std::string key;
  Scalar value;
  bool is_json = false;  ///< `value` is a text that is written as it is.
};

struct MetadataSpace {
  std::string name;
  std::vector<MetadataEntry> entries;
};

/// What the last writing of the tree found out about a node; meaningless outside `write_tree`.
struct NodePlan {
  std::size_t begin = 0;     ///< Where its object begins in the buffer.
  std::size_t bytes = 0;     ///< Its object with the embedded children.
  std::size_t nodes = 0;     ///< How many nodes that object holds, itself included.
  bool is_finished = false;  ///< Ended, and so is everything below.
  bool is_detached = false;  ///< Leaves as a document of its own.
};

struct SegmentNode {
  SegmentNode* parent = nullptr;
  SegmentNode* first_child = nullptr;
  SegmentNode* last_child = nullptr;
  SegmentNode* next_sibling = nullptr;

  SegmentId id{};
  std::string name{};
  WallTime start{};
  std::optional<WallTime> end{};
  Namespace space = Namespace::local;
  Flags flags{};
  std::optional<HttpRecord> http{};
  std::vector<ExceptionRecord> exceptions{};
  std::vector<Annotation> annotations{};
  std::vector<MetadataSpace> metadata{};
  NodePlan plan{};
};

struct SegmentTree {
  std::mutex mutex{};
  std::deque<SegmentNode> nodes{};  ///< The first is the root; parents come before their children.
  TraceId trace_id{};
  std::optional<SegmentId> parent_id{};
  std::string user{};
  std::string origin{};
  std::string service_version{};
  std::uint64_t corrected = 0;
  Clock clock{};
  TimePoint began{};

  SegmentNode& root() { return nodes.front(); }
  const SegmentNode& root() const { return nodes.front(); }
  /// Wall time that moves with the ticks, so that no step of the wall clock gets into a duration.
  WallTime now() const;
  SegmentNode& add_node(std::string_view name, SegmentNode* parent);
  /// Ends the node and every open one below.
  void end_node(SegmentNode& node, WallTime at);
};

}  // namespace xtrace
