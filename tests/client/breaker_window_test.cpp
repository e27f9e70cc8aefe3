#include "client/breaker_window.h"

#include <deque>
#include <random>
#include <utility>

#include <doctest/doctest.h>

namespace breaker_window_test {

using namespace xtrace;
using namespace std::chrono_literals;

namespace {

BreakerCall some_call(std::mt19937& chance) {
  return {.is_failure = chance() % 2 == 0, .is_slow = chance() % 3 == 0};
}

BreakerCounts count(const std::deque<BreakerCall>& calls) {
  BreakerCounts counts;
  for (const BreakerCall call : calls) counts.add(call);
  return counts;
}

}  // namespace

TEST_SUITE("client/breaker_window") {
  TEST_CASE("a window of calls counts the latest of them, as counting them over does") {
    std::mt19937 chance(7);
    for (const std::size_t size : {1U, 2U, 7U, 100U}) {
      CallWindow window(size);
      std::deque<BreakerCall> latest;
      for (int i = 0; i < 1000; ++i) {
        latest.push_back(some_call(chance));
        if (latest.size() > size) latest.pop_front();
        window.add(latest.back());
        REQUIRE(window.counts() == count(latest));
        if (i % 321 != 320) continue;
        window.clear();
        latest.clear();
        REQUIRE(window.counts() == BreakerCounts());
      }
    }
  }

  TEST_CASE("a window of time forgets a tenth at a time, as counting them over does") {
    std::mt19937 chance(8);
    for (const Duration length : {Duration(10ns), Duration(1s), Duration(24h)}) {
      TimeWindow window(length);
      std::deque<std::pair<std::int64_t, BreakerCall>> calls;
      const Duration width = length / 10;
      Tick present(30 * length);
      for (int i = 0; i < 3000; ++i) {
        const auto most = static_cast<std::uint64_t>(chance() % 40 == 0 ? 2 * length.count()
                                                                        : width.count() / 2 + 1);
        present += Duration(static_cast<Duration::rep>(chance() % most));
        const std::int64_t slice = present.time_since_epoch() / width;
        while (!calls.empty() && calls.front().first <= slice - 10) calls.pop_front();
        std::deque<BreakerCall> latest;
        for (const auto& call : calls) latest.push_back(call.second);
        REQUIRE(window.counts(present) == count(latest));
        if (chance() % 4 == 0) continue;
        calls.emplace_back(slice, some_call(chance));
        window.add(calls.back().second, present);
      }
    }
  }

  TEST_CASE("what happens at one moment is gone after the window's length, and not before 9/10") {
    for (const Duration after : {0ms, 250ms, 999ms}) {
      TimeWindow window(10s);
      const Tick present(1h + after);
      window.add({.is_failure = true}, present);
      CHECK(window.counts(present + 9s) == BreakerCounts{.calls = 1, .failures = 1});
      CHECK(window.counts(present + 10s) == BreakerCounts());
    }
  }

  TEST_CASE("asking forgets nothing") {
    TimeWindow window(10s);
    window.add({.is_slow = true}, Tick(100s));
    CHECK(window.counts(Tick(1h)).calls == 0);
    CHECK(window.counts(Tick(100s)) == BreakerCounts{.calls = 1, .slow = 1});
  }

  TEST_CASE("time that goes back counts as the latest there was") {
    TimeWindow window(10s);
    window.add({}, Tick(100s));
    window.add({}, Tick(50s));
    CHECK(window.counts(Tick(50s)).calls == 2);
    CHECK(window.counts(Tick(109s)).calls == 2);
    CHECK(window.counts(Tick(110s)).calls == 0);
    window.clear();
    window.add({}, Tick(50s));
    CHECK(window.counts(Tick(59s)).calls == 1);
    CHECK(window.counts(Tick(60s)).calls == 0);
  }

  TEST_CASE("a window of time takes every tick and every length") {
    for (const Duration length : {Duration(1), Duration::max()}) {
      TimeWindow window(length);
      for (const Tick present : {Tick::min(), Tick(-1ns), Tick(), Tick(1ns), Tick::max()}) {
        window.add({}, present);
        CHECK(window.counts(present).calls >= 1);
      }
      CHECK(window.counts(Tick::max()).calls <= 5);
    }
    TimeWindow window(10ns);
    window.add({}, Tick(-1ns));
    CHECK(window.counts(Tick(8ns)).calls == 1);
    CHECK(window.counts(Tick(9ns)).calls == 0);
  }
}

}  // namespace breaker_window_test
