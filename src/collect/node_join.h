#pragma once

/// `NodeJoin` puts nodes under their parents: those that documents nest as they are nested, those
/// that came alone where their `parent_id` says.
///
/// Of nodes that share an id one stays and gets the children of all: the last that is finished, or
/// else the last. The order in which documents came decides nothing but that.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "collect/trace_tree.h"

namespace xtrace::collect {

class NodeJoin {
 public:
  /// As a `NodeReader` gives them.
  explicit NodeJoin(std::vector<TraceNode> nodes);

  /// Fills in the nodes and what is counted of them.
  void join_into(TraceTree& tree);

 private:
  static constexpr std::uint32_t kNone = TraceNode::kNone;

  /// A node's id, and where it was read.
  struct Named {
    std::uint64_t id = 0;
    std::uint32_t node = 0;
  };

  void find_names();
  void choose_among(const Named* begin, const Named* end);
  void find_parents();
  void find_parent(std::uint32_t node);
  std::uint32_t node_of(const SegmentId& id) const;
  void break_cycles();
  std::uint32_t weakest_of_cycle(std::uint32_t member) const;
  void order_into(TraceTree& tree);
  void sort_siblings(std::uint32_t* begin, std::uint32_t* end) const;
  bool comes_before(std::uint32_t left, std::uint32_t right) const;

  std::vector<TraceNode> nodes_;
  std::vector<Named> names_;            ///< Ascending by id, then as they were read.
  std::vector<std::uint32_t> stays_;    ///< For each node the one of its id that stays.
  std::vector<std::uint32_t> parents_;  ///< Of those that stay.
  /// The first node of each document, by which documents are told apart in whatever order they
  /// came.
  std::vector<std::uint32_t> documents_;
  std::size_t duplicates_ = 0;
};

}  // namespace xtrace::collect
