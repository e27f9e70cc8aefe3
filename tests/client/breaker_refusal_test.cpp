/// The sentence that stands for a request that was not sent.

#include "client/breaker_fixture.h"

namespace breaker_refusal_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

const std::string kName = "the circuit breaker of https://pay.example.com:443 is ";

}  // namespace

TEST_SUITE("client/breaker_refusal") {
  TEST_CASE("a refusal names the bucket, why it opened and when it is tried again") {
    BreakerFixture on({.minimum_calls = 20, .failure_rate = 0.6});
    on.call(on.success, 8);
    on.call(on.failure, 12);
    on.present += 1810ms;
    const Expected<BreakerPermit> permit = on.breakers.allow(on.bucket, on.present);
    REQUIRE_FALSE(permit);
    CHECK(permit.if_error()->code == Error::Code::breaker_open);
    CHECK(permit.if_error()->phase == Phase::none);
    CHECK(permit.if_error()->message ==
          kName + "open: 12 of 20 requests failed in 10 s; it is tried again in 3.2 s");
  }

  TEST_CASE("a refusal says which limit was reached") {
    using Window = BreakerConfig::Window;
    const std::string again = "; it is tried again in 5 s";
    BreakerFixture calls({.window = Window::calls, .window_calls = 4, .failure_rate = 0.5});
    calls.call(calls.failure, 4);
    CHECK(calls.refusal() == kName + "open: 4 of the latest 4 requests failed" + again);
    BreakerFixture number({.window_time = 1500ms, .failures = 1});
    number.call(number.success, 2);
    number.call(number.failure);
    CHECK(number.refusal() == kName + "open: 1 of 3 requests failed in 1.5 s" + again);
    BreakerFixture row({.consecutive_failures = 3});
    row.call(row.failure, 3);
    CHECK(row.refusal() == kName + "open: 3 requests in a row failed" + again);
    BreakerFixture one({.consecutive_failures = 1});
    one.call(one.failure);
    CHECK(one.refusal() == kName + "open: the latest request failed" + again);
    BreakerFixture slow({.minimum_calls = 2, .slow_call = 250ms});
    slow.call(slow.success, 2, 1s);
    CHECK(slow.refusal() == kName + "open: 2 of 2 requests took 250 ms or longer in 10 s" + again);
  }

  TEST_CASE("a refusal says what became of the probe") {
    BreakerFixture on({.consecutive_failures = 1, .probe_deadline = 1s});
    on.call(on.failure);
    on.present += 5s;
    {
      const BreakerPermit probe = on.allow();
      CHECK(on.refusal() ==
            kName + "half open: it waits for the end of 1 request that may close it");
    }
    on.call(on.failure);
    CHECK(on.refusal() ==
          kName + "open: the request that tried it failed; it is tried again in 10 s");
    on.present += 10s;
    const BreakerPermit lost = on.allow();
    on.present += 1s;
    CHECK(on.refusal() == kName +
                              "open: the request that tried it had no end within 1 s; it is tried "
                              "again in 20 s");
  }

  TEST_CASE("a refusal that somebody forced says no more than that") {
    BreakerFixture on({});
    on.breakers.force(on.bucket, BreakerConfig::Forced::open);
    CHECK(on.refusal() == kName + "forced open");
  }

  TEST_CASE("the wait is rounded up, so that who keeps to it is not refused again") {
    const std::pair<Duration, std::string> rows[] = {
        {5s, "5 s"}, {5s - 1ns, "5 s"}, {4901ms, "5 s"},   {4900ms, "4.9 s"}, {1001ms, "1.1 s"},
        {1s, "1 s"}, {1s - 1ns, "1 s"}, {999ms, "999 ms"}, {1ms, "1 ms"},     {1ns, "1 ms"}};
    for (const auto& [left, words] : rows) {
      BreakerFixture on({.consecutive_failures = 1});
      on.call(on.failure);
      on.present += 5s - left;
      CHECK(on.refusal().ends_with("in " + words));
    }
  }
}

}  // namespace breaker_refusal_test
