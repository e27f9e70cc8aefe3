#include "collect/child_list.h"

namespace xtrace::collect {

ChildList::ChildList(std::span<const std::uint32_t> parents)
    : begins_(parents.size() + 1), children_(parents.size()) {
  const auto slot = [&parents](std::uint32_t parent) {
    return parent == kNone ? parents.size() : std::size_t{parent};
  };
  for (const std::uint32_t parent : parents) ++begins_[slot(parent)];
  std::uint32_t end = 0;
  for (std::uint32_t& begin : begins_) {
    end += begin;
    begin = end;
  }
  for (std::size_t node = parents.size(); node > 0; --node) {
    const std::uint32_t at = --begins_[slot(parents[node - 1])];
    children_[at] = static_cast<std::uint32_t>(node - 1);
  }
}

}  // namespace xtrace::collect
