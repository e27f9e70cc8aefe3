/// Many buckets: kept apart, told of, forgotten.

#include <algorithm>

#include "client/breaker_fixture.h"

namespace breaker_set_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

using Forced = BreakerConfig::Forced;

struct ManyBuckets : BreakerFixture {
  using BreakerFixture::BreakerFixture;

  BreakerPermit take(std::string_view name) {
    bucket = name;
    return allow();
  }
  void visit(std::string_view name, BreakerVerdict verdict = success) {
    report(take(name), verdict);
  }
  std::string names() const {
    std::string names;
    for (const BreakerStats& stats : breakers.stats(present)) names += stats.bucket;
    return names;
  }
};

}  // namespace

TEST_SUITE("client/breaker_set") {
  TEST_CASE("buckets are kept apart and listed in order") {
    ManyBuckets on({.consecutive_failures = 1});
    for (const auto* name : {"c", "a", "b"}) on.visit(name);
    on.visit("b", on.failure);
    CHECK(on.names() == "abc");
    CHECK(on.breakers.is_closed("a", on.present));
    CHECK_FALSE(on.breakers.is_closed("b", on.present));
    CHECK(on.breakers.is_closed("c", on.present));
    CHECK(on.breakers.is_closed("unknown", on.present));
    CHECK_FALSE(on.breakers.stats_of("unknown", on.present));
    CHECK(on.names() == "abc");
  }

  TEST_CASE("a bucket that was closed and idle for long is forgotten") {
    ManyBuckets on({.forget_after = 10min});
    on.visit("a");
    on.present += 1min;
    on.visit("b");
    on.present += 9min - 1ns;
    on.visit("c");
    CHECK(on.names() == "abc");
    on.present += 1ns;
    on.visit("c");
    CHECK(on.names() == "bc");
    on.present += 1min;
    on.visit("c");
    CHECK(on.names() == "c");
  }

  TEST_CASE("whatever waits to be forgotten goes faster than new ones come") {
    ManyBuckets on({.forget_after = 10min});
    for (int i = 0; i < 1000; ++i) on.visit("old " + std::to_string(i));
    on.present += 10min;
    for (int i = 0; i < 500; ++i) on.visit("new");
    CHECK(on.names() == "new");
  }

  TEST_CASE("a bucket with a permit out, an open one and a forced one are not forgotten") {
    ManyBuckets on({.consecutive_failures = 1, .forget_after = 10min});
    BreakerPermit permit = on.take("a");
    on.visit("b", on.failure);
    on.breakers.force("c", Forced::closed);
    on.present += 24h;
    for (int i = 0; i < 10; ++i) on.visit("d");
    CHECK(on.names() == "abcd");
    on.report(std::move(permit), on.success);
    on.breakers.force("c", Forced::none);
    on.visit("b");
    CHECK(on.names() == "abcd");
    on.present += 10min;
    on.visit("d");
    on.visit("d");
    CHECK(on.names() == "d");
  }

  TEST_CASE("where there are too many the closed one that was idle longest goes") {
    ManyBuckets on({.consecutive_failures = 1, .most_buckets = 3});
    on.visit("a", on.failure);
    on.present += 1s;
    const BreakerPermit permit = on.take("b");
    on.visit("c");
    on.visit("d");
    CHECK(on.names() == "abd");
    on.visit("e");
    CHECK(on.names() == "abe");
  }

  TEST_CASE("where none is closed an open one goes, and that is told") {
    ManyBuckets on({.consecutive_failures = 1, .most_buckets = 2});
    on.visit("a", on.failure);
    on.visit("b", on.failure);
    on.news();
    on.visit("c");
    CHECK(on.names() == "bc");
    CHECK(on.news() == News{"open to closed: forgotten"});
  }

  TEST_CASE("where none can go there are more, for as long") {
    ManyBuckets on({.most_buckets = 1});
    std::vector<BreakerPermit> permits;
    for (const auto* name : {"a", "b", "c"}) permits.push_back(on.take(name));
    CHECK(on.names() == "abc");
    permits.clear();
    on.visit("d");
    CHECK(on.names() == "d");
  }

  TEST_CASE("ten thousand times as many names as there is room for leave what there is room for") {
    ManyBuckets on({.most_buckets = 10});
    for (int i = 0; i < 100'000; ++i) on.visit(std::to_string(i));
    CHECK(on.breakers.stats(on.present).size() == 10);
    for (int i = 99'990; i < 100'000; ++i)
      CHECK(on.breakers.stats_of(std::to_string(i), on.present));
  }

  TEST_CASE("permits may outlive the breakers") {
    BreakerPermit later;
    {
      ManyBuckets on(BreakerConfig{});
      BreakerPermit permit = on.take("a");
      later = on.take("b");
    }
    CHECK(later);
    later = BreakerPermit();
    CHECK_FALSE(later);
  }

  TEST_CASE("who is told of a change may ask, and change more") {
    std::vector<std::string> told;
    CircuitBreakers* itself = nullptr;
    const Tick present(1h);
    CircuitBreakers breakers({.consecutive_failures = 1}, [&](const BreakerChange& change) {
      told.emplace_back(std::string(change.bucket) + " " + std::string(to_string(change.to)));
      CHECK(itself->stats_of(change.bucket, present)->state == change.to);
      CHECK_FALSE(itself->is_closed(change.bucket, present));
      CHECK_FALSE(itself->allow(change.bucket, present));
      itself->force("b", Forced::open);
    });
    itself = &breakers;
    auto permit = breakers.allow("a", present);
    REQUIRE(permit);
    breakers.report(std::move(permit).value(), BreakerVerdict::failure, 1ms, present);
    CHECK(told == std::vector<std::string>{"a open", "b open"});
  }

  TEST_CASE("counts add up") {
    ManyBuckets on({.consecutive_failures = 2});
    on.visit("a");
    on.visit("a", on.failure);
    on.visit("a", on.excluded);
    const BreakerPermit out = on.take("a");
    on.visit("a", on.failure);
    CHECK(on.is_refused());
    CHECK(on.is_refused());
    const BreakerStats stats = on.stats();
    CHECK(stats.allowed == 5);
    CHECK(stats.rejected == 2);
    CHECK(stats.opened == 1);
    CHECK(stats.calls == 3);
    CHECK(stats.failures == 2);
  }
}

}  // namespace breaker_set_test
