#pragma once

/// `LatencyTargets` keeps what was seen of each of many targets; those that nobody asked for in the
/// longest time are forgotten.

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "client/latency_window.h"

namespace xtrace {

struct LatencyTarget {
  std::string name{};
  LatencyWindow window;
  double allowance = 0;  ///< Rivals that may start now.
};

class LatencyTargets {
 public:
  /// At most so many targets, each with the latest so many values, beginning with `allowance`.
  LatencyTargets(std::size_t targets, std::size_t values, double allowance);
  LatencyTargets(const LatencyTargets&) = delete;
  LatencyTargets& operator=(const LatencyTargets&) = delete;
  ~LatencyTargets() = default;

  /// Known or new; valid until another is asked for. Allocates nothing for one that is known.
  LatencyTarget& find(std::string_view name);
  std::size_t size() const { return by_name_.size(); }

 private:
  LatencyTarget& add(std::string_view name);

  std::size_t most_;
  std::size_t values_;
  double allowance_;
  std::list<LatencyTarget> targets_;  // the one asked for last is the first
  std::unordered_map<std::string_view, std::list<LatencyTarget>::iterator> by_name_;
};

}  // namespace xtrace
