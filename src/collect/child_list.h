#pragma once

/// `ChildList` gives the children of each of many nodes, in two pieces of memory.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xtrace::collect {

class ChildList {
 public:
  /// What has no parent.
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// `parents[i]` is the parent of node i, or `kNone`.
  explicit ChildList(std::span<const std::uint32_t> parents);

  /// In ascending order; may be put in another.
  std::span<std::uint32_t> of(std::uint32_t node) {
    return {children_.data() + begins_[node], children_.data() + begins_[node + 1]};
  }
  /// Those without a parent.
  std::span<std::uint32_t> tops() {
    return {children_.data() + begins_.back(), children_.data() + children_.size()};
  }

 private:
  /// Where the children of each node begin; behind the last one the tops.
  std::vector<std::uint32_t> begins_;
  std::vector<std::uint32_t> children_;
};

}  // namespace xtrace::collect
