/// Opening and closing, on a clock that the test moves.

#include "client/breaker_fixture.h"

namespace circuit_breaker_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

using State = BreakerState;

BreakerConfig opens_after(std::size_t failures) {
  return {.consecutive_failures = failures, .open_for = 5s};
}

}  // namespace

TEST_SUITE("client/circuit_breaker") {
  TEST_CASE("a breaker opens at the rate of failures, and not before enough calls") {
    struct Row {
      int successes;
      int failures;
      bool opens;
    };
    const Row rows[] = {{0, 19, false}, {10, 9, false}, {11, 9, false},  {10, 10, true},
                        {9, 11, true},  {0, 20, true},  {100, 99, false}};
    for (const Row& row : rows) {
      CAPTURE(row.successes);
      CAPTURE(row.failures);
      BreakerFixture on({.minimum_calls = 20, .failure_rate = 0.5});
      on.call(on.success, row.successes);
      on.call(on.failure, row.failures);
      CHECK(on.is_refused() == row.opens);
      CHECK(on.breakers.is_closed(on.bucket, on.present) != row.opens);
      CHECK(on.news() == (row.opens ? News{"closed to open: failure_rate"} : News{}));
    }
  }

  TEST_CASE("a rate is reached by as many calls as it says, whatever doubles make of it") {
    for (int percent = 1; percent <= 100; ++percent) {
      CAPTURE(percent);
      BreakerFixture on({.minimum_calls = 100, .failure_rate = percent / 100.0});
      on.call(on.success, 100 - percent);
      on.call(on.failure, percent - 1);
      CHECK(on.state() == State::closed);
      on.call(on.failure);
      CHECK(on.state() == State::open);
    }
  }

  TEST_CASE("the call that makes them enough may be a success") {
    BreakerFixture on({.minimum_calls = 3, .failure_rate = 0.5});
    on.call(on.failure, 2);
    CHECK(on.state() == State::closed);
    on.call(on.success);
    CHECK(on.news() == News{"closed to open: failure_rate"});
  }

  TEST_CASE("a window of fewer calls than the minimum counts when it is full") {
    BreakerFixture on({.window = BreakerConfig::Window::calls,
                       .window_calls = 4,
                       .minimum_calls = 20,
                       .failure_rate = 0.75});
    on.call(on.failure, 3);
    CHECK(on.state() == State::closed);
    on.call(on.success);
    CHECK(on.news() == News{"closed to open: failure_rate"});
  }

  TEST_CASE("failures that left the window no longer count") {
    BreakerFixture on({.window_time = 10s, .minimum_calls = 4, .failure_rate = 1});
    on.call(on.failure, 3);
    on.present += 10s;
    on.call(on.failure, 3);
    CHECK(on.state() == State::closed);
    CHECK(on.stats().calls == 3);
    on.call(on.failure);
    CHECK(on.state() == State::open);
  }

  TEST_CASE("failures in a row open a breaker without a minimum, and a success ends the row") {
    BreakerFixture on(opens_after(3));
    on.call(on.failure, 2);
    on.call(on.success);
    on.call(on.failure, 2);
    on.call(on.excluded);
    CHECK(on.stats().consecutive_failures == 2);
    CHECK(on.state() == State::closed);
    on.call(on.failure);
    CHECK(on.news() == News{"closed to open: consecutive_failures"});
    CHECK(on.stats().consecutive_failures == 3);
  }

  TEST_CASE("a number of failures in the window opens, however many calls there are") {
    BreakerFixture on({.failure_rate = 0, .failures = 2});
    on.call(on.success, 50);
    on.call(on.failure);
    on.call(on.success, 50);
    CHECK(on.state() == State::closed);
    on.call(on.failure);
    CHECK(on.news() == News{"closed to open: failures"});
    CHECK(on.stats().failures == 2);
    CHECK(on.stats().calls == 102);
  }

  TEST_CASE("slow calls open a breaker, successful or not") {
    const BreakerConfig slow{
        .minimum_calls = 4, .failure_rate = 0, .slow_call = 100ms, .slow_rate = 0.5};
    BreakerFixture on(slow);
    on.call(on.success, 2, 99ms);
    on.call(on.success, 1, 100ms);
    CHECK(on.state() == State::closed);
    on.call(on.failure, 1, 2s);
    CHECK(on.news() == News{"closed to open: slow_rate"});
    CHECK(on.stats().slow == 2);
  }

  TEST_CASE("without a limit no call is slow, and a rate of nothing never opens") {
    BreakerFixture unlimited({.minimum_calls = 1, .failure_rate = 0});
    unlimited.call(unlimited.failure, 100, 1h);
    CHECK(unlimited.state() == State::closed);
    CHECK(unlimited.stats().slow == 0);
    BreakerFixture patient(
        {.minimum_calls = 1, .failure_rate = 0, .slow_call = 1ms, .slow_rate = 0});
    patient.call(patient.success, 100, 1h);
    CHECK(patient.state() == State::closed);
    CHECK(patient.stats().slow == 100);
  }

  TEST_CASE("an open breaker refuses until its time is over, then lets one probe through") {
    BreakerFixture on(opens_after(1));
    on.call(on.failure);
    CHECK(on.stats().opens_for == 5s);
    on.present += 5s - 1ns;
    CHECK(on.is_refused());
    CHECK(on.stats().opens_for == 1ns);
    on.news();
    on.present += 1ns;
    CHECK(on.state() == State::half_open);
    CHECK(on.news().empty());
    const BreakerPermit probe = on.allow();
    CHECK(probe.is_probe());
    CHECK(on.news() == News{"open to half_open: timer"});
    CHECK(on.is_refused());
    CHECK_FALSE(on.breakers.is_closed(on.bucket, on.present));
  }

  TEST_CASE("a probe that does well closes, and the window begins anew") {
    BreakerFixture on({.minimum_calls = 2, .failure_rate = 1});
    on.call(on.failure, 2);
    on.present += 5s;
    on.call(on.success);
    CHECK(on.state() == State::closed);
    CHECK(on.stats().calls == 0);
    CHECK_FALSE(on.allow().is_probe());
    on.call(on.failure);
    CHECK(on.state() == State::closed);
    CHECK(on.news() == News{"closed to open: failure_rate", "open to half_open: timer",
                            "half_open to closed: probes_succeeded"});
  }

  TEST_CASE("a breaker stays open twice as long after each failed probe, up to a limit") {
    BreakerConfig config = opens_after(1);
    config.open_for_most = 30s;
    BreakerFixture on(config);
    on.call(on.failure);
    for (const Duration open_for : {5s, 10s, 20s, 30s, 30s, 30s}) {
      CHECK(on.stats().opens_for == open_for);
      on.present += open_for - 1ns;
      CHECK(on.is_refused());
      on.present += 1ns;
      on.call(on.failure);
    }
    on.present += 30s;
    on.call(on.success);
    on.call(on.failure);
    CHECK(on.stats().opens_for == 5s);
  }

  TEST_CASE("a time that never ends keeps a breaker open") {
    BreakerFixture on({.consecutive_failures = 1,
                       .open_for = Duration::max(),
                       .probe_deadline = Duration::max(),
                       .forget_after = Duration::max()});
    on.call(on.failure);
    on.present = Tick::max();
    CHECK(on.is_refused());
    CHECK(on.state() == State::open);
  }

  TEST_CASE("a half-open breaker has out as many probes as it needs, and all must do well") {
    BreakerConfig config = opens_after(1);
    config.probes = 3;
    BreakerFixture on(config);
    on.call(on.failure);
    on.present += 5s;
    std::vector<BreakerPermit> probes;
    for (int i = 0; i < 3; ++i) probes.push_back(on.allow());
    CHECK(on.is_refused());
    on.report(std::move(probes[0]), on.success);
    CHECK(on.is_refused());
    on.report(std::move(probes[1]), on.excluded);
    probes[1] = on.allow();
    CHECK(on.is_refused());
    probes[1] = BreakerPermit();
    on.report(on.allow(), on.success);
    CHECK(on.state() == State::half_open);
    on.report(std::move(probes[2]), on.success);
    CHECK(on.state() == State::closed);
  }

  TEST_CASE("one failed probe opens again, whatever the others did and will do") {
    BreakerConfig config = opens_after(1);
    config.probes = 3;
    BreakerFixture on(config);
    on.call(on.failure);
    on.present += 5s;
    on.call(on.success, 1);
    BreakerPermit other = on.allow();
    on.news();
    on.call(on.failure);
    CHECK(on.news() == News{"half_open to open: probe_failed"});
    on.report(std::move(other), on.success);
    CHECK(on.state() == State::open);
    CHECK(on.stats().late == 1);
  }

  TEST_CASE("a slow probe has failed, unless slowness never opens") {
    BreakerConfig config = opens_after(1);
    config.slow_call = 1s;
    for (const double rate : {1.0, 0.0}) {
      config.slow_rate = rate;
      BreakerFixture on(config);
      on.call(on.failure);
      on.present += 5s;
      on.call(on.success, 1, 1s);
      CHECK(on.state() == (rate > 0 ? State::open : State::closed));
    }
  }
}

}  // namespace circuit_breaker_test
