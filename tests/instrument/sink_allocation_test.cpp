#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/dogstatsd_sink.h>

#include "statsd_server.h"
#include "support/count_allocations.h"

#if defined(XTRACE_HAS_PROMETHEUS)
#include <prometheus/registry.h>

#include <xtrace/prometheus_sink.h>
#endif

namespace xtrace::sink_allocation_test {

namespace {

using testing::allocations_of;
using testing::StatsdServer;

constexpr MetricInfo kInfos[] = {
    {.name = "time", .unit = MetricInfo::Unit::milliseconds},
    {.name = "count", .kind = MetricInfo::Kind::counter},
    {.name = "now", .kind = MetricInfo::Kind::gauge},
};

std::vector<MetricSeries*> some_series(MetricsSink& sink) {
  std::vector<MetricSeries*> all;
  for (const MetricInfo& info : kInfos) {
    for (const char* target : {"a", "b", "c"}) {
      const MetricTag tag{"target_id", target};
      all.push_back(&sink.series(info, {&tag, 1}));
    }
  }
  return all;
}

/// What recording allocates from the first value on.
std::size_t cost_of(const std::vector<MetricSeries*>& all) {
  return allocations_of([&all] {
    for (int i = 0; i < 4000; ++i) {
      for (MetricSeries* series : all) series->record(i * 0.37);
    }
  });
}

/// The same, all of them together.
std::size_t cost_of_rows(MetricsSink& sink, const std::vector<MetricSeries*>& all) {
  std::vector<MetricValue> row;
  for (MetricSeries* series : all) row.push_back({series, 0});
  return allocations_of([&sink, &row] {
    for (int i = 0; i < 4000; ++i) {
      for (MetricValue& each : row) each.value += 0.37;
      sink.record_all(row);
    }
  });
}

}  // namespace

TEST_SUITE_BEGIN("instrument/sink_allocation");

TEST_CASE("recording for DogStatsD takes no memory, datagrams that leave included") {
  StatsdServer server;
  for (const std::size_t bytes : {std::size_t{64}, std::size_t{1432}, std::size_t{65'507}}) {
    auto made = DogStatsdSink::make({.server = server.address(),
                                     .datagram_bytes = bytes,
                                     .flush_after = std::chrono::hours(1)});
    REQUIRE(made.has_value());
    const std::vector<MetricSeries*> all = some_series(**made);
    CHECK(cost_of(all) == 0);
    CHECK(cost_of_rows(**made, all) == 0);
    CHECK(allocations_of([&made] { (*made)->flush(); }) == 0);
    CHECK((*made)->stats().datagrams > 1);
    CHECK((*made)->stats().lost == 0);
  }
}

TEST_CASE("recording for a DogStatsD server that is not there takes no memory") {
  StatsdServer server;
  auto made = DogStatsdSink::make({.server = server.address(), .flush_after = Duration::zero()});
  REQUIRE(made.has_value());
  server.close();
  CHECK(cost_of(some_series(**made)) == 0);
  CHECK((*made)->stats().refused == 9 * 4000);
}

#if defined(XTRACE_HAS_PROMETHEUS)
TEST_CASE("recording for Prometheus takes no memory") {
  PrometheusSink sink{std::make_shared<prometheus::Registry>()};
  CHECK(cost_of(some_series(sink)) == 0);
}
#endif

TEST_SUITE_END();

}  // namespace xtrace::sink_allocation_test
