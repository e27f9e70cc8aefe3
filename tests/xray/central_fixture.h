#pragma once

/// Central rules on clocks that the test moves.

#include <chrono>
#include <string>
#include <string_view>

#include "xray/central_rules.h"

namespace xtrace::testing {

inline CentralRule rule(std::string_view name, std::uint32_t priority = 1, double rate = 0) {
  return {.name = RuleName(name), .priority = priority, .fixed_rate = rate};
}

struct Central {
  void advance(Duration by) {
    wall += std::chrono::duration_cast<WallTime::duration>(by);
    tick += by;
  }

  /// The name of the rule that decides; empty where none does.
  std::string decider(const SamplingRequest& request) {
    const auto decision = rules.decide(request);
    return decision ? std::string{decision->rule.text()} : "";
  }

  SamplingReason reason() { return rules.decide({}).value().reason; }

  /// What the service assigns, with a rate of 1.
  bool assign(std::string_view name, std::uint64_t quota, WallTime until) {
    return rules.apply(
        {.targets = {
             {.rule = RuleName(name), .fixed_rate = 1, .quota = quota, .quota_until = until}}});
  }

  WallTime wall{std::chrono::seconds(1'500'000'000)};
  Tick tick{std::chrono::hours(5)};
  CentralRules rules{[this] { return TimePoint{wall, tick}; }};
};

}  // namespace xtrace::testing
