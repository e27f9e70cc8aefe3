#pragma once

/// The library's part of tools/bench's lines about plans.

#include <cstddef>
#include <cstdint>
#include <string>

namespace xtrace::bench {

struct PlanSide {
  std::string url{};
  std::size_t requests = 0;        ///< An order, or all of them.
  std::uint16_t metrics_port = 0;  ///< Where all metrics go; 0: none are recorded.
  bool races = true;
};

/// `plan-overhead`: the requests of `send_requests`, 32 at a time, each through a plan with retry,
/// an armed race, a breaker and every metric.
void send_plans(const PlanSide& settings);

/// `race-tail`: sends eight at a time, so that a percentile race is what makes the difference, and
/// prints the 50th and 99th percentile in microseconds, the slowest, and attempts made.
void measure_tail(const PlanSide& settings);

/// `breaker-storm`: 10,000 executions a second for an origin that is dead, until all have failed.
/// Prints how many failed at once, how many were sent, and the process' CPU nanoseconds for each.
void storm(const PlanSide& settings);

}  // namespace xtrace::bench
