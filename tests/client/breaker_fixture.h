#pragma once

/// Circuit breakers on a clock that the test moves, with what they told.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/circuit_breaker.h>

namespace xtrace::testing {

using namespace std::chrono_literals;

struct BreakerFixture {
  static constexpr auto success = BreakerVerdict::success;
  static constexpr auto failure = BreakerVerdict::failure;
  static constexpr auto excluded = BreakerVerdict::excluded;

  explicit BreakerFixture(const BreakerConfig& config)
      : breakers(config, [this](const BreakerChange& change) {
          told.push_back(std::string(to_string(change.from)) + " to " +
                         std::string(to_string(change.to)) + ": " + std::string(change.reason));
        }) {}

  /// The permit; there must be one.
  BreakerPermit allow() {
    Expected<BreakerPermit> permit = breakers.allow(bucket, present);
    REQUIRE(permit);
    return std::move(permit).value();
  }
  /// Empty where it is allowed; the permit is given back.
  std::string refusal() {
    const Expected<BreakerPermit> permit = breakers.allow(bucket, present);
    return permit ? "" : permit.if_error()->message;
  }
  bool is_refused() { return !refusal().empty(); }
  void report(BreakerPermit permit, BreakerVerdict verdict, Duration took = 1ms) {
    breakers.report(std::move(permit), verdict, took, present);
  }
  /// So many calls that end at once.
  void call(BreakerVerdict verdict, int times = 1, Duration took = 1ms) {
    for (int i = 0; i < times; ++i) report(allow(), verdict, took);
  }

  BreakerStats stats() const {
    const auto stats = breakers.stats_of(bucket, present);
    REQUIRE(stats);
    return *stats;
  }
  BreakerState state() const { return stats().state; }
  /// What was told since it was asked for last.
  std::vector<std::string> news() { return std::exchange(told, {}); }

  Tick present{1h};
  std::string bucket = "https://pay.example.com:443";
  std::vector<std::string> told;
  CircuitBreakers breakers;
};

using News = std::vector<std::string>;

}  // namespace xtrace::testing
