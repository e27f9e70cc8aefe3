#pragma once

/// `NodeReader` reads the segments and subsegments of documents, one after the other, as they are
/// written: who belongs to whom is found out behind it (node_join.h).

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collect/trace_tree.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

class NodeReader {
 public:
  explicit NodeReader(std::deque<std::string>& decoded) : decoded_(decoded) {}

  /// Reads the next document. A text that is cut short or broken is read as far as it goes.
  void read(std::string_view document);

  /// In the order they are written; `parent` is the node that one is nested in, `document` counts
  /// the documents that were read.
  std::vector<TraceNode> take() { return std::move(nodes_); }

 private:
  void node(ValueReader& reader, std::uint32_t holder);
  void member(ValueReader& reader, std::uint32_t index, std::string_view key);
  void subsegments(ValueReader& reader, std::uint32_t holder);

  std::deque<std::string>& decoded_;
  std::vector<TraceNode> nodes_;
  std::uint32_t documents_ = 0;
};

}  // namespace xtrace::collect
