#include <vector>

#include <doctest/doctest.h>

#include <xtrace/timeout_policy.h>

#include "client/literal_execution.h"

namespace timeout_policy_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

constexpr auto kTooLong = Error::Code::attempt_timeout;

// What the first attempt of the wave behind `attempts` is given.
std::optional<Duration> next_of(const TimeoutPolicy& policy,
                                const std::vector<EndedAttempt>& attempts) {
  Execution execution = make_execution(attempts);
  ++execution.wave;
  return policy(execution);
}

}  // namespace

TEST_SUITE("client/timeout_policy") {
  TEST_CASE("a fixed timeout is the same for every attempt, and never negative") {
    const Execution fresh;
    CHECK(timeout_fixed(5s)(fresh) == 5s);
    CHECK(timeout_fixed(0s)(fresh) == 0s);
    CHECK(timeout_fixed(-5s)(fresh) == 0s);
    CHECK(timeout_fixed(Duration::min())(fresh) == 0s);
    CHECK(timeout_fixed(Duration::max())(fresh) == Duration::max());
    CHECK(next_of(timeout_fixed(5s), {{.error = kTooLong}}) == 5s);
  }

  TEST_CASE("an infinite timeout is none") {
    CHECK_FALSE(timeout_infinite()(Execution()).has_value());
    CHECK_FALSE(next_of(timeout_infinite(), {{.error = kTooLong}}).has_value());
  }

  TEST_CASE("an adaptive timeout grows behind each attempt that took too long") {
    const TimeoutPolicy policy = timeout_adaptive(20ms, {60ms, 200ms});
    CHECK(policy(Execution()) == 20ms);
    const EndedAttempt first{.wave = 0, .error = kTooLong};
    const EndedAttempt second{.wave = 1, .error = kTooLong};
    const EndedAttempt third{.wave = 2, .error = kTooLong};
    CHECK(next_of(policy, {first}) == 60ms);
    CHECK(next_of(policy, {first, second}) == 200ms);
    CHECK(next_of(policy, {first, second, third}) == 200ms);
  }

  TEST_CASE("an adaptive timeout is the usual one behind any other end, and remembers its place") {
    const TimeoutPolicy policy = timeout_adaptive(20ms, {60ms, 200ms});
    const EndedAttempt slow{.wave = 0, .error = Error::Code::connect_timeout};
    CHECK(next_of(policy, {{.wave = 0, .status = 503}}) == 20ms);
    CHECK(next_of(policy, {{.wave = 0, .error = Error::Code::connect_refused}}) == 20ms);
    CHECK(next_of(policy, {slow, {.wave = 1, .status = 503}}) == 20ms);
    CHECK(next_of(policy, {slow, {.wave = 1, .status = 503}, {.wave = 2, .error = kTooLong}}) ==
          200ms);
  }

  TEST_CASE("the rivals of a wave are given as much as its first attempt") {
    const TimeoutPolicy policy = timeout_adaptive(20ms, {60ms, 200ms});
    Execution execution = make_execution({{.wave = 0, .error = kTooLong}});
    ++execution.wave;
    for (int rival = 0; rival < 3; ++rival) {
      CHECK(policy(execution) == 60ms);
      execution.attempts.emplace_back();
      execution.attempt = static_cast<int>(execution.attempts.size()) - 1;
      execution.current().wave = 1;
      ++execution.racing;
    }
  }

  TEST_CASE("it does not matter which attempt of a wave took too long") {
    const TimeoutPolicy policy = timeout_adaptive(20ms, {60ms, 200ms});
    CHECK(next_of(policy, {{.status = 503}, {.error = kTooLong}}) == 60ms);
    CHECK(next_of(policy, {{.error = kTooLong}, {.status = 503}}) == 60ms);
    CHECK(next_of(policy, {{.error = kTooLong}, {.error = kTooLong}}) == 200ms);
  }

  TEST_CASE("an adaptive timeout stays in bounds at every extreme") {
    const std::vector<EndedAttempt> slow = {{.error = kTooLong}};
    CHECK(next_of(timeout_adaptive(20ms, {}), slow) == 20ms);
    CHECK(next_of(timeout_adaptive(-20ms, {}), slow) == 0s);
    CHECK(next_of(timeout_adaptive(20ms, {-60ms}), slow) == 0s);
    CHECK(next_of(timeout_adaptive(20ms, {Duration::max()}), slow) == Duration::max());
    Execution miscounted = make_execution(slow);
    ++miscounted.wave;
    miscounted.attempt_timeouts = -7;
    CHECK(timeout_adaptive(20ms, {60ms, 200ms})(miscounted) == 60ms);
  }
}

}  // namespace timeout_policy_test
