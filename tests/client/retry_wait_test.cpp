#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/retry_policy.h>

#include "client/literal_execution.h"

namespace retry_wait_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

// The ceiling behind wave `wave`.
Duration ceiling_of(ExponentialWait settings, int wave) {
  settings.has_jitter = false;
  return wait_exponential(std::move(settings))(make_execution({{.wave = wave, .status = 503}}));
}

}  // namespace

TEST_SUITE("client/retry_wait") {
  TEST_CASE("a fixed wait is what it says, and never negative") {
    const Execution execution = make_execution({{.status = 503}});
    CHECK(wait_fixed(3s)(execution) == 3s);
    CHECK(wait_fixed(0s)(execution) == 0s);
    CHECK(wait_fixed(-1s)(execution) == 0s);
    CHECK(wait_fixed(Duration::max())(execution) == Duration::max());
    CHECK(wait_fixed(Duration::min())(execution) == 0s);
  }

  TEST_CASE("an exponential wait doubles with each wave up to its cap") {
    const std::vector<Duration> expected = {50ms, 100ms, 200ms, 400ms, 800ms, 1s, 1s};
    for (std::size_t wave = 0; wave < expected.size(); ++wave)
      CHECK(ceiling_of({}, static_cast<int>(wave)) == expected[wave]);
  }

  TEST_CASE("an exponential wait goes by waves, however many attempts raced in one") {
    Execution execution = make_execution({{.wave = 0, .status = 503},
                                          {.wave = 0, .status = 503},
                                          {.wave = 0, .status = 503},
                                          {.wave = 1, .status = 503},
                                          {.wave = 1, .status = 503}});
    execution.attempt = 3;
    CHECK(wait_exponential({.has_jitter = false})(execution) == 100ms);
  }

  TEST_CASE("an exponential wait stays in bounds at every extreme") {
    constexpr Duration kMax = Duration::max();
    constexpr int kMaxWave = std::numeric_limits<int>::max();
    CHECK(ceiling_of({}, kMaxWave) == 1s);
    CHECK(ceiling_of({}, std::numeric_limits<int>::min()) == 50ms);
    CHECK(ceiling_of({.base = 1ns, .cap = kMax}, 62) == Duration(Duration::rep{1} << 62));
    CHECK(ceiling_of({.base = 3ns, .cap = kMax}, 62) == kMax);
    CHECK(ceiling_of({.base = kMax, .cap = kMax}, 0) == kMax);
    CHECK(ceiling_of({.base = kMax, .cap = kMax}, 1) == kMax);
    CHECK(ceiling_of({.base = kMax, .cap = 1s}, 0) == 1s);
    CHECK(ceiling_of({.base = 0s}, 5) == 0s);
    CHECK(ceiling_of({.base = Duration::min()}, 5) == 0s);
    CHECK(ceiling_of({.cap = 0s}, 5) == 0s);
    CHECK(ceiling_of({.cap = Duration::min()}, 5) == 0s);
  }

  TEST_CASE("jitter takes a part of the wait, and never all or more of it") {
    const Execution execution = make_execution({{.wave = 2, .status = 503}});
    const auto wait_with = [&](double unit, Duration cap = 1s) {
      return wait_exponential({.cap = cap, .random = [unit] { return unit; }})(execution);
    };
    CHECK(wait_with(0.0) == 0s);
    CHECK(wait_with(0.25) == 50ms);
    CHECK(wait_with(0.5) == 100ms);
    CHECK(wait_with(1.0) < 200ms);
    CHECK(wait_with(1.0) > 199ms);
    CHECK(wait_with(7.0) < 200ms);
    CHECK(wait_with(-7.0) == 0s);
    CHECK(wait_with(std::numeric_limits<double>::quiet_NaN()) == 0s);
    const auto longest = wait_exponential(
        {.base = Duration::max(), .cap = Duration::max(), .random = [] { return 1.0; }});
    CHECK(longest(execution) < Duration::max());
    CHECK(longest(execution) > Duration::max() / 2);
  }

  TEST_CASE("the thread's own jitter is spread evenly over the wait") {
    const RetryWaiter wait = wait_exponential({.base = 1s, .cap = 1s});
    const Execution execution = make_execution({{.status = 503}});
    constexpr int kDraws = 4000;
    std::vector<int> tenths(10);
    for (int i = 0; i < kDraws; ++i) {
      const Duration drawn = wait(execution);
      REQUIRE(drawn >= 0s);
      REQUIRE(drawn < 1s);
      ++tenths[static_cast<std::size_t>(drawn / 100ms)];
    }
    // Ten standard deviations of one tenth are 190.
    for (const int count : tenths) CHECK(std::abs(count - kDraws / 10) < 190);
  }

  TEST_CASE("a wait is as long as the answer asks, up to the cap") {
    const RetryWaiter wait = wait_retry_after(60s, wait_fixed(7ms));
    const auto wait_for = [&](const char* field) {
      return wait(make_execution({{.status = 503, .retry_after = field}}));
    };
    CHECK(wait_for("2") == 2s);
    CHECK(wait_for("0") == 0s);
    CHECK(wait_for("60") == 60s);
    CHECK(wait_for("61") == 60s);
    CHECK(wait_for("99999999999999999999") == 60s);
    CHECK(wait_for("soon") == 7ms);
    CHECK(wait_for("-1") == 7ms);
    CHECK(wait_for("") == 7ms);
    CHECK(wait(make_execution({{.error = Error::Code::connect_refused}})) == 7ms);
    const Execution asks = make_execution({{.status = 503, .retry_after = "5"}});
    CHECK(wait_retry_after(0s, wait_fixed(7ms))(asks) == 0s);
    CHECK(wait_retry_after(Duration::min(), wait_fixed(7ms))(asks) == 0s);
    CHECK(wait_retry_after(Duration::max(), wait_fixed(7ms))(asks) == 5s);
  }

  TEST_CASE("a date to wait for counts from the end of the attempt") {
    // The execution starts at 22:13:20.
    const char* date = "Tue, 14 Nov 2023 22:13:30 GMT";
    CHECK(retry_after_of(make_execution({{.status = 503, .took = 4s, .retry_after = date}})) == 6s);
    CHECK(retry_after_of(make_execution({{.status = 503, .took = 40s, .retry_after = date}})) ==
          0s);
    CHECK(retry_after_of(make_execution(
              {{.status = 503, .took = Duration::max(), .retry_after = date}})) == 0s);
  }

  TEST_CASE("the longest wait of the wave counts, whoever ended first, and none of earlier waves") {
    Execution execution = make_execution({{.wave = 0, .status = 503, .retry_after = "50"},
                                          {.wave = 1, .status = 503, .retry_after = "3"},
                                          {.wave = 1, .status = 429, .retry_after = "9"},
                                          {.wave = 1, .status = 503, .retry_after = "6"},
                                          {.wave = 1, .error = Error::Code::connect_refused}});
    execution.attempt = 1;
    CHECK(retry_after_of(execution) == 9s);
    execution.attempts[2].is_over = false;
    CHECK(retry_after_of(execution) == 6s);
    execution.wave = 2;
    CHECK_FALSE(retry_after_of(execution).has_value());
    CHECK_FALSE(retry_after_of(Execution()).has_value());
  }

  TEST_CASE("the default policy waits as Retry-After says, for a minute at most") {
    const RetryPolicy policy;
    CHECK(policy.wait(make_execution({{.status = 503, .retry_after = "3600"}})) == 60s);
    for (int i = 0; i < 100; ++i) CHECK(policy.wait(make_execution({{.status = 503}})) < 50ms);
  }
}

}  // namespace retry_wait_test
