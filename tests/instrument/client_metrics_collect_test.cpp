#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/client_metrics.h>

#include "support/recording_sink.h"

namespace xtrace::testing::client_metrics_collect_test {
namespace {

using Values = std::vector<double>;

struct CollectFixture {
  RecordingSink sink;
  ClientMetrics metrics{sink};

  Values values(const std::string& key) const { return sink.values("xtrace." + key); }
  MetricInfo::Kind kind(const std::string& key) const { return sink.info("xtrace." + key).kind; }
};

PoolStats pool_with(std::vector<AddressStats> addresses) {
  PoolStats stats{.name = "orders", .addresses = std::move(addresses)};
  for (const AddressStats& address : stats.addresses) stats.total += address.counts;
  return stats;
}

TEST_SUITE("instrument/client_metrics_collect") {
  TEST_CASE_FIXTURE(CollectFixture, "a pool shows what it holds at each address") {
    PoolStats stats =
        pool_with({{.address = "a:80",
                    .counts = {.idle = 1, .active = 2, .connecting = 3, .waiting = 4, .limit = 6}},
                   {.address = "b:80", .counts = {.idle = 7}}});
    stats.total.limit = 100;
    metrics.collect(stats);
    CHECK(values("pool.connections{address=a:80,pool=orders,state=idle}") == Values{1});
    CHECK(values("pool.connections{address=a:80,pool=orders,state=active}") == Values{2});
    CHECK(values("pool.connections{address=a:80,pool=orders,state=connecting}") == Values{3});
    CHECK(values("pool.waiting{address=a:80,pool=orders}") == Values{4});
    CHECK(values("pool.limit{address=a:80,pool=orders}") == Values{6});
    CHECK(values("pool.connections{address=b:80,pool=orders,state=idle}") == Values{7});
    CHECK(values("pool.total_limit{pool=orders}") == Values{100});
    CHECK(kind("pool.waiting{address=a:80,pool=orders}") == MetricInfo::Kind::gauge);
  }

  TEST_CASE_FIXTURE(CollectFixture, "what a pool counted since the last look is added") {
    PoolCounts counts{.opened = 1, .failed = 2, .reused = 3, .stale_retries = 4};
    counts.waits = 5;
    counts.wait_timeouts = 6;
    counts.rejected = 7;
    counts.closed[static_cast<std::size_t>(CloseReason::lifetime)] = 8;
    metrics.collect(pool_with({{.address = "a:80", .counts = counts}}));
    counts.reused = 10;
    counts.closed[static_cast<std::size_t>(CloseReason::error)] = 1;
    metrics.collect(pool_with({{.address = "a:80", .counts = counts}}));
    const std::string tags = "{address=a:80,pool=orders}";
    CHECK(values("pool.opened" + tags) == Values{1});
    CHECK(values("pool.failed" + tags) == Values{2});
    CHECK(values("pool.reused" + tags) == Values{3, 7});
    CHECK(values("pool.stale_retries" + tags) == Values{4});
    CHECK(values("pool.waits" + tags) == Values{5});
    CHECK(values("pool.wait_timeouts" + tags) == Values{6});
    CHECK(values("pool.rejected" + tags) == Values{7});
    CHECK(values("pool.closed{address=a:80,pool=orders,reason=lifetime}") == Values{8});
    CHECK(values("pool.closed{address=a:80,pool=orders,reason=error}") == Values{1});
    CHECK(kind("pool.opened" + tags) == MetricInfo::Kind::counter);
  }

  TEST_CASE_FIXTURE(CollectFixture, "a counter is there from the first look, one by reason later") {
    metrics.collect(pool_with({{.address = "a:80", .counts = {}}}));
    CHECK(sink.has("xtrace.pool.opened{address=a:80,pool=orders}"));
    CHECK_FALSE(sink.has("xtrace.pool.closed{address=a:80,pool=orders,reason=error}"));
  }

  TEST_CASE_FIXTURE(CollectFixture, "what an address counted before it was forgotten is not lost") {
    PoolStats stats = pool_with({{.address = "a:80", .counts = {.idle = 1, .opened = 5}}});
    metrics.collect(stats);
    stats.addresses.clear();
    stats.total.idle = 0;
    stats.total.opened = 7;
    metrics.collect(stats);
    metrics.collect(stats);
    CHECK(values("pool.opened{address=a:80,pool=orders}") == Values{5});
    CHECK(values("pool.opened{address=forgotten,pool=orders}") == Values{2});
    CHECK(values("pool.connections{address=a:80,pool=orders,state=idle}") == Values{1, 0});

    SUBCASE("and it counts from zero when it comes back") {
      stats.addresses = {{.address = "a:80", .counts = {.opened = 2}}};
      stats.total.opened = 9;
      metrics.collect(stats);
      CHECK(values("pool.opened{address=a:80,pool=orders}") == Values{5, 2});
      CHECK(values("pool.opened{address=forgotten,pool=orders}") == Values{2});
    }
  }

  TEST_CASE_FIXTURE(CollectFixture, "an address that began anew between two looks is noticed") {
    PoolStats stats = pool_with({{.address = "a:80", .counts = {.opened = 5}}});
    metrics.collect(stats);
    stats.addresses[0].counts.opened = 2;
    stats.total.opened = 10;
    metrics.collect(stats);
    CHECK(values("pool.opened{address=a:80,pool=orders}") == Values{5, 2});
    CHECK(values("pool.opened{address=forgotten,pool=orders}") == Values{3});
  }

  TEST_CASE_FIXTURE(CollectFixture, "pools of two names are two") {
    PoolStats stats = pool_with({{.address = "a:80", .counts = {.opened = 5}}});
    metrics.collect(stats);
    stats.name = "orders-2";
    metrics.collect(stats);
    CHECK(values("pool.opened{address=a:80,pool=orders-2}") == Values{5});
  }

  TEST_CASE_FIXTURE(CollectFixture, "plans show what they do and did") {
    PlanStats stats{.executions = 1, .attempts = 2, .waiting = 3, .retries = 4};
    stats.executed = 5;
    stats.attempted = 6;
    stats.retried = 7;
    stats.budget_exhausted = 8;
    stats.raced = 9;
    stats.race_vetoes = 10;
    stats.redundant = 11;
    stats.rivals_won = 12;
    stats.attempt_timeouts = 13;
    stats.plan_timeouts = 14;
    stats.breaker_refusals = 15;
    metrics.collect(stats);
    CHECK(values("plans.running") == Values{1});
    CHECK(values("plans.attempting") == Values{2});
    CHECK(values("plans.waiting") == Values{3});
    CHECK(values("plans.retrying") == Values{4});
    CHECK(values("plans.executed") == Values{5});
    CHECK(values("plans.attempted") == Values{6});
    CHECK(values("plans.retried") == Values{7});
    CHECK(values("plans.budget_exhausted") == Values{8});
    CHECK(values("plans.raced") == Values{9});
    CHECK(values("plans.race_vetoes") == Values{10});
    CHECK(values("plans.redundant") == Values{11});
    CHECK(values("plans.rivals_won") == Values{12});
    CHECK(values("plans.attempt_timeouts") == Values{13});
    CHECK(values("plans.timeouts") == Values{14});
    CHECK(values("plans.breaker_refusals") == Values{15});
    stats.executions = 0;
    stats.executed = 6;
    metrics.collect(stats);
    CHECK(values("plans.running") == Values{1, 0});
    CHECK(values("plans.executed") == Values{5, 1});
    CHECK(values("plans.attempted") == Values{6});
  }

  TEST_CASE_FIXTURE(CollectFixture, "an emitter shows every count of its books") {
    EmitterStats stats{
        .documents = 1, .sent = 2, .bytes = 3, .queued = 4, .refused = 5, .rejected = 6};
    stats.dropped_queue_full = 7;
    stats.dropped_too_large = 8;
    stats.dropped_error = 9;
    stats.dropped_at_close = 10;
    stats.flushes = 11;
    stats.built = {.split = 12, .truncated = 13, .refused = 14, .corrected = 15};
    metrics.collect(stats);
    CHECK_FALSE(sink.has("xtrace.emitter.receiver_drops"));
    stats.receiver_drops = 16;
    metrics.collect(stats);
    CHECK(values("emitter.documents") == Values{1});
    CHECK(values("emitter.sent") == Values{2});
    CHECK(values("emitter.bytes") == Values{3});
    CHECK(values("emitter.queued") == Values{4, 4});
    CHECK(values("emitter.dropped{reason=refused}") == Values{5});
    CHECK(values("emitter.dropped{reason=rejected}") == Values{6});
    CHECK(values("emitter.dropped{reason=queue_full}") == Values{7});
    CHECK(values("emitter.dropped{reason=too_large}") == Values{8});
    CHECK(values("emitter.dropped{reason=error}") == Values{9});
    CHECK(values("emitter.dropped{reason=at_close}") == Values{10});
    CHECK(values("emitter.flushes") == Values{11});
    CHECK(values("emitter.built{deed=split}") == Values{12});
    CHECK(values("emitter.built{deed=truncated}") == Values{13});
    CHECK(values("emitter.built{deed=refused}") == Values{14});
    CHECK(values("emitter.built{deed=corrected}") == Values{15});
    CHECK(values("emitter.receiver_drops") == Values{16});
    CHECK(sink.info("xtrace.emitter.bytes").unit == MetricInfo::Unit::bytes);
  }

  TEST_CASE_FIXTURE(CollectFixture, "a breaker shows its state, also between two looks") {
    CircuitBreakers breakers({.consecutive_failures = 1},
                             [this](const BreakerChange& change) { metrics.record(change); });
    const Tick start = now().tick;
    metrics.collect(breakers, start);
    CHECK(sink.recorded().empty());
    auto permit = breakers.allow("shop", start);
    REQUIRE(permit.has_value());
    breakers.report(std::move(permit).value(), BreakerVerdict::failure, {}, start);
    CHECK(values("breaker.state{bucket=shop}") == Values{1});
    CHECK(values("breaker.changes{bucket=shop,reason=consecutive_failures,to=open}") == Values{1});
    CHECK_FALSE(breakers.allow("shop", start).has_value());
    metrics.collect(breakers, start);
    CHECK(values("breaker.state{bucket=shop}") == Values{1, 1});
    CHECK(values("breaker.allowed{bucket=shop}") == Values{1});
    CHECK(values("breaker.rejected{bucket=shop}") == Values{1});
    CHECK(values("breaker.opened{bucket=shop}") == Values{1});
    auto probe = breakers.allow("shop", start + std::chrono::minutes(1));
    REQUIRE(probe.has_value());
    CHECK(sink.latest("xtrace.breaker.state{bucket=shop}") == 2);
    breakers.report(std::move(probe).value(), BreakerVerdict::success, {},
                    start + std::chrono::minutes(1));
    CHECK(sink.latest("xtrace.breaker.state{bucket=shop}") == 0);
    metrics.collect(breakers, start + std::chrono::minutes(1));
    CHECK(values("breaker.allowed{bucket=shop}") == Values{1, 1});
    CHECK(sink.has("xtrace.breaker.late{bucket=shop}"));
  }

  TEST_CASE_FIXTURE(CollectFixture, "a bucket that was forgotten is closed") {
    CircuitBreakers first({.consecutive_failures = 1});
    const Tick start = now().tick;
    first.force("shop", BreakerConfig::Forced::open);
    CHECK_FALSE(first.allow("shop", start).has_value());
    metrics.collect(first, start);
    REQUIRE(sink.latest("xtrace.breaker.state{bucket=shop}") == 1);
    const CircuitBreakers without({});
    metrics.collect(without, start);
    CHECK(sink.latest("xtrace.breaker.state{bucket=shop}") == 0);
  }

  TEST_CASE_FIXTURE(CollectFixture, "breakers that several threads share lose no change") {
    constexpr int kChanges = 500;
    const auto change = [this] {
      for (int i = 0; i < kChanges; ++i) {
        metrics.record({.bucket = "shop",
                        .from = BreakerState::closed,
                        .to = BreakerState::open,
                        .reason = "forced"});
      }
    };
    {
      const std::jthread one(change);
      const std::jthread other(change);
    }
    CHECK(values("breaker.changes{bucket=shop,reason=forced,to=open}").size() == 2 * kChanges);
  }
}

}  // namespace
}  // namespace xtrace::testing::client_metrics_collect_test
