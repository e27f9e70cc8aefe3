#pragma once

/// `NodeReader` reads the segments and subsegments of documents, one after the other, as they are
/// written: who belongs to whom is found out behind it (node_join.h).

#include <cstddef>
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
  /// A node takes half a kilobyte of memory, and may be two bytes of a document.
  static constexpr std::size_t kMostNodes = 250'000;

  /// The same of exceptions and their frames.
  static constexpr std::size_t kMostDetails = 1'000'000;

  explicit NodeReader(std::deque<std::string>& decoded, std::size_t most = kMostNodes,
                      std::size_t most_details = kMostDetails)
      : decoded_(decoded), most_(most), room_(most_details) {}

  /// Reads the next document. A text that is cut short or broken is read as far as it goes.
  void read(std::string_view document);

  /// In the order they are written; `parent` is the node that one is nested in, `document` counts
  /// the documents that were read.
  std::vector<TraceNode> take() { return std::move(nodes_); }
  /// Nodes and exceptions that were too many, without what is below them.
  std::size_t left_out() const { return left_out_; }

 private:
  void node(ValueReader& reader, std::uint32_t holder);
  void member(ValueReader& reader, std::uint32_t index, std::string_view key);
  void subsegments(ValueReader& reader, std::uint32_t holder);

  std::deque<std::string>& decoded_;
  const std::size_t most_;
  std::size_t room_;  // for exceptions and frames
  std::vector<TraceNode> nodes_;
  std::uint32_t documents_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace xtrace::collect
