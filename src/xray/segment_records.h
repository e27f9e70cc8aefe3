#pragma once

/// What a segment's node records, in its tree's memory.

#include <atomic>
#include <cstdint>
#include <optional>
#include <variant>

#include <xtrace/clock.h>
#include <xtrace/segment_facts.h>
#include <xtrace/trace_id.h>

#include "xray/tree_memory.h"

namespace xtrace {

/// A `Scalar` in a tree's memory.
using Value = std::variant<bool, std::int64_t, std::uint64_t, double, Text>;

struct HttpRecord {
  Text method;
  Text url;
  Text user_agent;
  Text client_ip;
  bool is_forwarded = false;
  bool is_traced = false;
  std::optional<int> status{};
  std::optional<std::uint64_t> content_length{};
};

/// A member of `annotations`, `sql`, `aws` or of a space of `metadata`.
struct Entry {
  Entry* next = nullptr;
  Text key;
  Value value{};
  bool is_json = false;  ///< `value` is a text that is written as it is.
};

struct MetadataSpace {
  MetadataSpace* next = nullptr;
  Text name;
  List<Entry> entries;
};

struct FrameRecord {
  FrameRecord* next = nullptr;
  Text path;
  std::uint32_t line = 0;
  Text label;
};

struct ExceptionRecord {
  ExceptionRecord* next = nullptr;
  SegmentId id;
  Text type;
  Text message;
  ExceptionOrigin origin = ExceptionOrigin::local;
  List<FrameRecord> stack;
  std::size_t cut_frames = 0;
  bool has_cause = false;  ///< The next one of the list.
};

struct LinkRecord {
  LinkRecord* next = nullptr;
  SegmentLink link;
};

struct IdRecord {
  IdRecord* next = nullptr;
  SegmentId id;
};

struct FieldRecord {
  FieldRecord* next = nullptr;
  Text key;
  Text value;
};

/// What the last writing of the tree found out about a node; meaningless outside `write_tree`.
struct NodePlan {
  std::size_t begin = 0;     ///< Where its object begins in the buffer.
  std::size_t bytes = 0;     ///< Its object with the embedded children.
  std::size_t nodes = 0;     ///< How many nodes that object holds, itself included.
  std::uint32_t turn = 0;    ///< Which writing this is about.
  bool is_finished = false;  ///< Ended, and so is everything below.
  bool is_detached = false;  ///< Leaves as a document of its own.
};

struct SegmentNode {
  SegmentNode* parent = nullptr;
  SegmentNode* first_child = nullptr;
  SegmentNode* last_child = nullptr;
  SegmentNode* next_sibling = nullptr;
  SegmentNode* next_begun = nullptr;
  SegmentNode* previous_begun = nullptr;

  SegmentId id;
  Text name;
  WallTime start{};
  std::optional<WallTime> end{};
  std::atomic<bool> is_over{false};  ///< Has an end: for who asks without the lock.
  Namespace space = Namespace::local;
  bool may_outlive_parent = false;
  bool is_announced = false;
  bool is_sent = false;  ///< In a document that has left; what comes below it now goes alone.
  Flags flags{};
  HttpRecord* http = nullptr;
  List<ExceptionRecord> exceptions;
  std::size_t cut_exceptions = 0;
  std::optional<SegmentId> cause_elsewhere{};
  List<Entry> annotations;
  List<Entry> sql;
  List<Entry> aws;
  List<MetadataSpace> metadata;
  List<LinkRecord> links;
  List<IdRecord> precursors;
  NodePlan plan{};
};

}  // namespace xtrace
