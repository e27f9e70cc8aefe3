#pragma once

/// `DigestBuilder` goes through a tree once and keeps what a `TraceDigest` holds.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "collect/aws_facts.h"
#include "collect/root_causes.h"
#include "collect/service_table.h"
#include "collect/trace_digest.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

class DigestBuilder {
 public:
  explicit DigestBuilder(const TraceTree& tree);

  /// All but what only the stored trace knows.
  TraceDigest build();

 private:
  static constexpr std::uint32_t kUnknown = EdgeVisit::kClient;

  void find_entry();
  void add_segment(std::uint32_t index);
  void add_subsegment(std::uint32_t index);
  void add_call(std::uint32_t index, const AwsFacts& aws);
  void add_visit(std::uint32_t index, std::uint32_t service, bool is_inferred);
  void add_edge(std::uint32_t from, std::uint32_t to, std::uint32_t seen_by);
  void add_annotations(std::uint32_t index);
  void add_totals();
  void add_entry();
  bool is_complete() const;
  double duration_of(const TraceNode& node) const;

  const TraceTree& tree_;
  TraceDigest digest_;
  ServiceTable services_;
  NodeServices node_services_;
  /// For each node the call of its segment that it is, or is part of.
  std::vector<std::uint32_t> calls_;
  std::deque<std::string> decoded_;
  std::uint32_t entry_ = TraceNode::kNone;  ///< The root, or what stands for it.
  bool has_root_ = false;
};

}  // namespace xtrace::collect
