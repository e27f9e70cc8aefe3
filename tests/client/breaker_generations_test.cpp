/// What comes too late, what never comes, and what is forced.

#include "client/breaker_fixture.h"

namespace breaker_generations_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

using State = BreakerState;
using Forced = BreakerConfig::Forced;

BreakerConfig fragile() {
  return {.consecutive_failures = 1, .open_for = 5s, .probe_deadline = 30s};
}

}  // namespace

TEST_SUITE("client/breaker_generations") {
  TEST_CASE("results of attempts that began before the breaker opened do not count") {
    BreakerFixture on(fragile());
    BreakerPermit early_success = on.allow();
    BreakerPermit early_failure = on.allow();
    on.call(on.failure);
    on.present += 5s;
    BreakerPermit probe = on.allow();
    on.report(std::move(early_success), on.success);
    CHECK(on.state() == State::half_open);
    on.report(std::move(probe), on.success);
    CHECK(on.state() == State::closed);
    on.report(std::move(early_failure), on.failure);
    CHECK(on.state() == State::closed);
    CHECK(on.stats().calls == 0);
    CHECK(on.stats().late == 2);
  }

  TEST_CASE("a late attempt that says nothing is not late") {
    BreakerFixture on(fragile());
    BreakerPermit early = on.allow();
    BreakerPermit other = on.allow();
    on.call(on.failure);
    on.report(std::move(early), on.excluded);
    other = BreakerPermit();
    CHECK(on.stats().late == 0);
  }

  TEST_CASE("a probe that ends in time decides, one that does not has failed when it was due") {
    for (const Duration took : {30s - 1ns, 30s + 0ns}) {
      BreakerFixture on(fragile());
      on.call(on.failure);
      on.present += 5s;
      BreakerPermit probe = on.allow();
      on.present += took;
      on.news();
      on.report(std::move(probe), on.success, took);
      const bool is_late = took >= 30s;
      CHECK(on.state() == (is_late ? State::open : State::closed));
      CHECK(on.stats().late == (is_late ? 1 : 0));
      CHECK(on.news() == News{is_late ? "half_open to open: probe_late"
                                      : "half_open to closed: probes_succeeded"});
    }
  }

  TEST_CASE("a breaker that nobody asked for long is where a timer would have led it") {
    BreakerFixture on(fragile());
    on.call(on.failure);
    on.present += 5s;
    const BreakerPermit lost = on.allow();
    on.news();
    on.present += 30s;
    CHECK(on.state() == State::open);
    CHECK(on.stats().opens_for == 10s);
    on.present += 9s;
    CHECK(on.stats().opens_for == 1s);
    on.present += 1s;
    CHECK(on.state() == State::half_open);
    CHECK(on.news().empty());
    CHECK(on.allow().is_probe());
    CHECK(on.news() == News{"half_open to open: probe_late", "open to half_open: timer"});
  }

  TEST_CASE("of several probes the one that is out longest is late first") {
    BreakerConfig config = fragile();
    config.probes = 2;
    BreakerFixture on(config);
    on.call(on.failure);
    on.present += 5s;
    BreakerPermit first = on.allow();
    on.present += 20s;
    const BreakerPermit second = on.allow();
    on.report(std::move(first), on.success);
    on.present += 10s;
    CHECK(on.state() == State::half_open);
    on.present += 20s;
    CHECK(on.state() == State::open);
  }

  TEST_CASE("a probe that is destroyed gives its place back") {
    BreakerFixture on(fragile());
    on.call(on.failure);
    on.present += 5s;
    { const BreakerPermit probe = on.allow(); }
    CHECK(on.allow().is_probe());
    on.call(on.excluded, 3);
    on.call(on.success);
    CHECK(on.state() == State::closed);
  }

  TEST_CASE("a clock that goes back stands still") {
    BreakerFixture on(fragile());
    on.call(on.failure);
    on.present -= 1h;
    CHECK(on.stats().opens_for == 5s);
    CHECK(on.is_refused());
    on.present += 1h + 5s;
    CHECK(on.allow().is_probe());
  }

  TEST_CASE("the beginning of the clock is a time like others") {
    BreakerConfig config = fragile();
    config.open_for = 1ns;
    BreakerFixture on(config);
    on.present = Tick(-1ns);
    on.call(on.failure);
    on.present = Tick();
    const BreakerPermit probe = on.allow();
    CHECK(probe.is_probe());
    CHECK(on.is_refused());
  }

  TEST_CASE("a breaker that is forced open refuses until it is not, and then begins again") {
    BreakerFixture on(fragile());
    BreakerPermit early = on.allow();
    on.breakers.force(on.bucket, Forced::open);
    CHECK(on.is_refused());
    CHECK_FALSE(on.breakers.is_closed(on.bucket, on.present));
    CHECK_FALSE(on.stats().opens_for);
    on.present += 24h;
    CHECK(on.is_refused());
    on.report(std::move(early), on.failure);
    on.breakers.force(on.bucket, Forced::none);
    CHECK_FALSE(on.allow().is_probe());
    CHECK(on.news() == News{"closed to open: forced", "open to closed: forced"});
    CHECK(on.stats().late == 1);
    CHECK(on.stats().opened == 1);
  }

  TEST_CASE("a breaker that is forced closed never opens, and counts all the same") {
    BreakerFixture on(fragile());
    on.call(on.failure);
    on.breakers.force(on.bucket, Forced::closed);
    CHECK(on.breakers.is_closed(on.bucket, on.present));
    on.call(on.failure, 100);
    CHECK(on.state() == State::closed);
    CHECK(on.stats().failures == 100);
    on.news();
    on.breakers.force(on.bucket, Forced::none);
    CHECK(on.news().empty());
    CHECK(on.stats().failures == 0);
    on.call(on.failure);
    CHECK(on.state() == State::open);
  }

  TEST_CASE("what is forced for all holds for each but those that are forced themselves") {
    for (const Forced forced : {Forced::open, Forced::closed}) {
      const bool is_open = forced == Forced::open;
      BreakerConfig config = fragile();
      config.forced = forced;
      BreakerFixture on(config);
      CHECK(on.breakers.is_closed("unknown", on.present) != is_open);
      CHECK(on.is_refused() == is_open);
      CHECK(on.stats().opened == 0);
      on.breakers.force(on.bucket, is_open ? Forced::closed : Forced::open);
      CHECK(on.is_refused() != is_open);
      on.breakers.force(on.bucket, Forced::none);
      CHECK(on.is_refused() == is_open);
      CHECK(on.breakers.stats(on.present).size() == 1);
    }
  }

  TEST_CASE("a bucket may be forced before anybody asks for it") {
    BreakerFixture on(fragile());
    on.breakers.force(on.bucket, Forced::none);
    CHECK_FALSE(on.breakers.stats_of(on.bucket, on.present));
    on.breakers.force(on.bucket, Forced::open);
    CHECK(on.is_refused());
  }

  TEST_CASE("a permit that moves is one permit") {
    BreakerFixture on(fragile());
    BreakerPermit first = on.allow();
    BreakerPermit second = std::move(first);
    CHECK(second);
    BreakerPermit third = on.allow();
    third = std::move(second);
    BreakerPermit& same = third;
    third = std::move(same);
    CHECK(third);
    on.report(std::move(third), on.success);
    on.report(BreakerPermit(), on.failure);
    CHECK(on.stats().calls == 1);
    CHECK(on.stats().allowed == 2);
  }
}

}  // namespace breaker_generations_test
