#include "cli/breakdown.h"

#include <cmath>
#include <random>

#include <doctest/doctest.h>

#include "cli/report.h"
#include "cli/rows.h"
#include "random_timeline.h"
#include "report_parts.h"
#include "reports.h"

namespace xtrace::cli::breakdown_test {

namespace {

using namespace testing;

Breakdown of(const Report& report, Style::Unit unit = Style::Unit::automatic) {
  const Timeline& timeline = report.legs.front().attempts.front().timeline;
  return break_down(timeline, make_scale(timeline.total, unit));
}

Quanta sum_of(const std::array<PartLength, kPartCount>& parts) {
  Quanta sum = 0;
  for (const PartLength& part : parts) sum += part.length;
  return sum;
}

constexpr int kTimelines = 3000;

}  // namespace

TEST_SUITE("cli/breakdown") {
  TEST_CASE("parts add up to the total in every unit, whatever overlaps") {
    std::mt19937 random(1);
    for (int i = 0; i < kTimelines; ++i) {
      const Report report = random_report(random);
      for (const auto unit : {Style::Unit::automatic, Style::Unit::microseconds,
                              Style::Unit::milliseconds, Style::Unit::seconds}) {
        const Breakdown breakdown = of(report, unit);
        REQUIRE(sum_of(sum_parts(breakdown)) == breakdown.total);
        REQUIRE(breakdown.other >= 0);
      }
    }
  }

  TEST_CASE("rows of phases that do not overlap add up to the total, as they are printed") {
    std::mt19937 random(2);
    for (int i = 0; i < kTimelines; ++i) {
      const Report report = random_sequential_report(random);
      const AttemptReport& attempt = report.legs.front().attempts.front();
      const Breakdown breakdown = of(report);
      Quanta sum = 0;
      for (const Row& row : make_rows(attempt, breakdown, Style{})) sum += row.length;
      REQUIRE(sum == breakdown.total);
    }
  }

  TEST_CASE("no printed length is further than two steps from the true one") {
    std::mt19937 random(3);
    for (int i = 0; i < kTimelines; ++i) {
      const Report report = random_report(random);
      const Timeline& timeline = report.legs.front().attempts.front().timeline;
      const Breakdown breakdown = of(report);
      const auto step = static_cast<double>(breakdown.scale.quantum.count());
      for (const Slice& slice : breakdown.slices) {
        const Span& span = slice.phase == Phase::dial ? timeline.dials[slice.dial].span
                                                      : *timeline.find(slice.phase);
        const double exact = static_cast<double>(span.length().count()) / step;
        REQUIRE(std::abs(static_cast<double>(slice.length()) - exact) < 2.0);
      }
    }
  }

  TEST_CASE("slices that touch are printed touching") {
    const Breakdown breakdown = of(plain_https());
    for (std::size_t i = 1; i < breakdown.slices.size(); ++i) {
      CHECK(breakdown.slices[i].begin == breakdown.slices[i - 1].end);
    }
  }

  TEST_CASE("gaps of microseconds on the border of two steps are not printed as a step") {
    Report report = base("GET", "http://h/", 0);
    Timeline& timeline = timeline_of(report);
    const auto at = [](std::int64_t nanoseconds) { return Duration(nanoseconds); };
    timeline.set(Phase::dns, {at(0), at(10'049'000), Outcome::ok});
    timeline.set(Phase::request, {at(10'051'000), at(20'049'000), Outcome::ok});
    timeline.set(Phase::response, {at(20'051'000), at(30'049'000), Outcome::ok});
    timeline.total = at(30'051'000);
    const Breakdown breakdown = of(report);
    CHECK(breakdown.other == 0);
    CHECK(breakdown.total == 301);
  }

  TEST_CASE("a moment that two slices cover is counted once, for the first") {
    const std::vector<Quanta> claimed =
        claims({{.begin = 0, .end = 10}, {.begin = 5, .end = 20}, {.begin = 8, .end = 9}});
    CHECK(claimed == std::vector<Quanta>{10, 10, 0});
  }

  TEST_CASE("a wait for a thread belongs to dns, the queue to other") {
    const auto parts = sum_parts(of(strained()));
    CHECK(parts[static_cast<std::size_t>(Part::dns)].length == 1786);
    CHECK(parts[static_cast<std::size_t>(Part::other)].length == 4 + 7);
  }
}

}  // namespace xtrace::cli::breakdown_test
