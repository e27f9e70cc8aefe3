#include "cli/latency_histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

namespace latency_histogram_test {

using namespace xtrace;
using namespace xtrace::cli;

namespace {

double relative_error(Duration told, Duration truth) {
  return std::abs(static_cast<double>((told - truth).count())) / static_cast<double>(truth.count());
}

/// Spread over all magnitudes, always the same.
std::vector<Duration> durations() {
  std::vector<Duration> list;
  std::uint64_t state = 42;
  for (int i = 0; i < 5000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double exponent = static_cast<double>(state >> 40U) / static_cast<double>(1U << 24U);
    list.emplace_back(static_cast<Duration::rep>(std::pow(10.0, 3.0 + exponent * 10.0)));
  }
  return list;
}

}  // namespace

TEST_SUITE("cli/latency_histogram") {
  TEST_CASE("every percentile from a microsecond to hours is told within half a percent") {
    const auto histogram = std::make_unique<LatencyHistogram>();
    std::vector<Duration> list = durations();
    for (const Duration value : list) histogram->add(value);
    std::ranges::sort(list);
    for (const double percent : {1.0, 10.0, 50.0, 90.0, 95.0, 99.0, 99.9}) {
      CAPTURE(percent);
      const auto rank =
          static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(list.size())));
      CHECK(relative_error(histogram->percentile(percent), list[rank - 1]) < 0.005);
    }
  }

  TEST_CASE("one value is told within half a percent wherever it lies") {
    const auto histogram = std::make_unique<LatencyHistogram>();
    histogram->add(std::chrono::hours(100));
    for (Duration value(1000); value < std::chrono::hours(9); value += value / 7 + Duration(1)) {
      CAPTURE(value.count());
      LatencyHistogram alone;
      alone.add(value / 2);
      alone.add(value);
      alone.add(std::chrono::hours(10));
      CHECK(relative_error(alone.percentile(50), value) < 0.005);
    }
  }

  TEST_CASE("least, greatest and mean are exact") {
    LatencyHistogram histogram;
    histogram.add(Duration(1'000'001));
    histogram.add(Duration(2'000'003));
    histogram.add(Duration(9'000'005));
    CHECK(histogram.min() == Duration(1'000'001));
    CHECK(histogram.max() == Duration(9'000'005));
    CHECK(histogram.mean() == Duration(4'000'003));
    CHECK(histogram.percentile(0) == histogram.min());
    CHECK(histogram.percentile(100) == histogram.max());
  }

  TEST_CASE("the 95th percentile of twenty values is the nineteenth") {
    LatencyHistogram histogram;
    for (int i = 1; i <= 20; ++i) histogram.add(Duration(i));
    CHECK(histogram.percentile(95) == Duration(19));
    CHECK(histogram.percentile(96) == Duration(20));
    CHECK(histogram.percentile(50) == Duration(10));
  }

  TEST_CASE("two that are merged are as one that was told everything") {
    LatencyHistogram left;
    LatencyHistogram right;
    LatencyHistogram whole;
    const std::vector<Duration> list = durations();
    for (std::size_t i = 0; i < list.size(); ++i) {
      (i % 3 == 0 ? left : right).add(list[i]);
      whole.add(list[i]);
    }
    left.merge(right);
    CHECK(left.count() == whole.count());
    CHECK(left.min() == whole.min());
    CHECK(left.max() == whole.max());
    CHECK(left.mean() == whole.mean());
    for (int percent = 0; percent <= 100; ++percent) {
      CHECK(left.percentile(percent) == whole.percentile(percent));
    }
  }

  TEST_CASE("merging an empty one changes nothing") {
    LatencyHistogram histogram;
    histogram.add(Duration(7));
    histogram.merge(LatencyHistogram{});
    CHECK(histogram.min() == Duration(7));
    CHECK(histogram.count() == 1);
  }

  TEST_CASE("values beyond all bounds count, and an empty one has zeros") {
    LatencyHistogram histogram;
    CHECK(histogram.min() == Duration{});
    CHECK(histogram.mean() == Duration{});
    CHECK(histogram.percentile(99) == Duration{});
    histogram.add(Duration(-5));
    histogram.add(Duration::max());
    CHECK(histogram.count() == 2);
    CHECK(histogram.min() == Duration{});
    CHECK(histogram.max() == Duration::max());
  }

  TEST_CASE("the next value is found from anywhere") {
    LatencyHistogram histogram;
    histogram.add(std::chrono::milliseconds(2));
    histogram.add(std::chrono::seconds(7));
    CHECK(relative_error(histogram.next_from({}), std::chrono::milliseconds(2)) < 0.005);
    CHECK(relative_error(histogram.next_from(std::chrono::milliseconds(3)),
                         std::chrono::seconds(7)) < 0.005);
    CHECK(histogram.next_from(std::chrono::hours(1)) == histogram.max());
  }

  TEST_CASE("the ranges of a drawing hold every value once") {
    LatencyHistogram histogram;
    for (const Duration value : durations()) histogram.add(value);
    std::uint64_t sum = 0;
    Duration low{};
    for (Duration high(1000); low < std::chrono::hours(20); low = high, high *= 3) {
      sum += histogram.count_between(low, high);
    }
    CHECK(sum == histogram.count());
  }
}

}  // namespace latency_histogram_test
