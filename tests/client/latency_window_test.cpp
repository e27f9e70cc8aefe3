#include "client/latency_window.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <vector>

#include <doctest/doctest.h>

#include "client/latency_targets.h"

namespace latency_window_test {

using namespace xtrace;
using namespace std::chrono_literals;

namespace {

// The value at the nearest rank, by sorting.
Duration sorted_quantile(const std::deque<Duration>& values, double share) {
  std::vector<Duration> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double rank = std::ceil(share * static_cast<double>(sorted.size()) - 1e-6);
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

bool is_upper_end_of(Duration quantile, Duration exact) {
  return quantile >= exact && quantile <= exact + exact / 64;
}

}  // namespace

TEST_SUITE("client/latency_window") {
  TEST_CASE("a window tells the quantiles of its latest values as sorting does") {
    for (const std::size_t size : {1U, 7U, 100U, 1000U}) {
      LatencyWindow window(size);
      std::deque<Duration> latest;
      std::uint64_t state = 42;
      for (int i = 0; i < 3000; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        // From a nanosecond to four hours, and each power of two as likely as the next.
        const Duration value(static_cast<Duration::rep>((state >> 20U) >> (state % 44)));
        window.add(value);
        latest.push_back(value);
        if (latest.size() > size) latest.pop_front();
        if (i % 97 != 0) continue;
        REQUIRE(window.count() == latest.size());
        for (const double share : {0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 1.0})
          REQUIRE(is_upper_end_of(window.quantile(share), sorted_quantile(latest, share)));
      }
    }
  }

  TEST_CASE("95 of a hundred are no more than the 95th, whatever the rest is") {
    LatencyWindow window(100);
    for (int i = 0; i < 95; ++i) window.add(1ms);
    for (int i = 0; i < 5; ++i) window.add(10s);
    CHECK(is_upper_end_of(window.quantile(0.95), 1ms));
    CHECK(is_upper_end_of(window.quantile(0.951), 10s));
    window.add(10s);
    CHECK(is_upper_end_of(window.quantile(0.95), 10s));
  }

  TEST_CASE("a window takes every duration and every share") {
    LatencyWindow window(3);
    CHECK(window.quantile(0.5) == 0ns);
    window.add(Duration::min());
    CHECK(window.quantile(1) == 0ns);
    window.add(-1ns);
    window.add(Duration::max());
    CHECK(window.quantile(1) > 9h);
    CHECK(window.quantile(2) == window.quantile(1));
    CHECK(window.quantile(-1) == 0ns);
    CHECK(window.quantile(std::nan("")) == 0ns);
    window.add(1s);
    window.add(1s);
    window.add(1s);
    CHECK(window.count() == 3);
    CHECK(is_upper_end_of(window.quantile(0), 1s));
    CHECK(is_upper_end_of(window.quantile(1), 1s));
  }

  TEST_CASE("a window holds one value at least and no more than it can count") {
    LatencyWindow least(0);
    least.add(1ms);
    least.add(2ms);
    CHECK(least.count() == 1);
    CHECK(is_upper_end_of(least.quantile(0), 2ms));
    LatencyWindow most(SIZE_MAX);
    for (std::size_t i = 0; i < LatencyWindow::kMostValues + 10; ++i) most.add(1ms);
    CHECK(most.count() == LatencyWindow::kMostValues);
    CHECK(is_upper_end_of(most.quantile(1), 1ms));
  }

  TEST_CASE("a cleared window begins again") {
    LatencyWindow window(4);
    for (int i = 0; i < 6; ++i) window.add(1s);
    window.clear();
    CHECK(window.count() == 0);
    window.add(1ms);
    CHECK(is_upper_end_of(window.quantile(1), 1ms));
  }

  TEST_CASE("targets are kept apart, and the one least asked for is forgotten") {
    LatencyTargets targets(2, 10, 5);
    targets.find("a").window.add(1ms);
    targets.find("b").window.add(2ms);
    targets.find("a").allowance = 1;
    targets.find("c");
    CHECK(targets.size() == 2);
    CHECK(targets.find("a").window.count() == 1);
    CHECK(targets.find("a").allowance == 1);
    CHECK(targets.find("b").window.count() == 0);
    CHECK(targets.find("b").allowance == 5);
    CHECK(targets.find("b").name == "b");
    CHECK(targets.find("c").window.count() == 0);
    CHECK(targets.size() == 2);
  }

  TEST_CASE("ten thousand targets take the place of a thousand") {
    LatencyTargets targets(1000, 10, 0);
    for (int i = 0; i < 10'000; ++i) targets.find("target " + std::to_string(i)).window.add(1ms);
    CHECK(targets.size() == 1000);
    for (int i = 9000; i < 10'000; ++i)
      CHECK(targets.find("target " + std::to_string(i)).window.count() == 1);
  }
}

}  // namespace latency_window_test
