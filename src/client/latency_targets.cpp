#include "client/latency_targets.h"

#include <algorithm>
#include <iterator>

namespace xtrace {

LatencyTargets::LatencyTargets(std::size_t targets, std::size_t values, double allowance)
    : most_(std::max<std::size_t>(targets, 1)), values_(values), allowance_(allowance) {}

LatencyTarget& LatencyTargets::find(std::string_view name) {
  const auto known = by_name_.find(name);
  if (known == by_name_.end()) return add(name);
  targets_.splice(targets_.begin(), targets_, known->second);
  return targets_.front();
}

LatencyTarget& LatencyTargets::add(std::string_view name) {
  if (targets_.size() < most_) {
    targets_.push_front({.window = LatencyWindow(values_)});
  } else {
    by_name_.erase(targets_.back().name);
    targets_.splice(targets_.begin(), targets_, std::prev(targets_.end()));
    targets_.front().window.clear();
  }
  LatencyTarget& target = targets_.front();
  target.name = name;
  target.allowance = allowance_;
  by_name_.emplace(target.name, targets_.begin());
  return target;
}

}  // namespace xtrace
