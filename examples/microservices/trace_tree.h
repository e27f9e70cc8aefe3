#pragma once

/// The documents of one trace, from however many services, as the tree that their ids make.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xtrace::examples {

/// A segment or a subsegment.
struct TraceNode {
  std::string id{};
  std::string name{};
  bool is_segment = false;
  bool is_remote = false;  ///< A call to another service.
  bool is_fault = false;
  bool is_error = false;
  int status = 0;            ///< Of the answer; 0 where there was none.
  std::string cause{};       ///< What its own exception is called; empty where it has none.
  std::string remote_url{};  ///< Annotated.
  std::string parent_id{};   ///< As its document says; what is inside another has none.
  double start = 0;          ///< Epoch seconds.
  double end = 0;
  std::vector<TraceNode> children{};  ///< By their start.
};

struct TraceDocument {
  std::string trace_id{};
  TraceNode node{};
};

/// More than one root means that something is missing between them.
struct TraceTree {
  std::vector<TraceNode> roots{};
};

/// Of a datagram with the daemon's header line; nothing where it is no document.
std::optional<TraceDocument> parse_datagram(std::string_view datagram);

TraceTree make_tree(const std::vector<TraceDocument>& documents, std::string_view trace_id);

/// The child of that name; null where there is none.
const TraceNode* find_child(const TraceNode& node, std::string_view name);

}  // namespace xtrace::examples
