#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <xtrace/prometheus_sink.h>

namespace xtrace::prometheus_sink_test {

namespace {

using Kind = MetricInfo::Kind;
using Unit = MetricInfo::Unit;
using prometheus::Registry;

constexpr MetricInfo kTime{.name = "toolkit.http.client.request.time",
                           .unit = Unit::milliseconds,
                           .help = "From the start of a request to its headers."};
constexpr MetricInfo kRetries{.name = "retries", .kind = Kind::counter, .help = "Said\ntwice \\"};
constexpr MetricInfo kIdle{.name = "pool.idle", .kind = Kind::gauge};

struct Fixture {
  std::shared_ptr<Registry> registry = std::make_shared<Registry>();
  PrometheusConfig config{};
  std::unique_ptr<PrometheusSink> sink;

  void make() { sink = std::make_unique<PrometheusSink>(registry, config); }
  MetricSeries& series(const MetricInfo& info, const std::vector<MetricTag>& tags = {}) {
    return sink->series(info, tags);
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(registry->Collect()); }
  bool has(const std::string& line) const {
    return ("\n" + text()).find("\n" + line + "\n") != std::string::npos;
  }
};

}  // namespace

TEST_SUITE_BEGIN("instrument/prometheus_sink");

TEST_CASE_FIXTURE(Fixture, "a histogram is in seconds, its buckets cumulative") {
  config.buckets = {0.1, 0.2};
  make();
  MetricSeries& time = series(kTime, {{"method", "GET"}});
  for (const double milliseconds : {100.0, 100.1, 1000.0}) time.record(milliseconds);
  const std::string name = "toolkit_http_client_request_time_seconds";
  CHECK(has("# HELP " + name + " From the start of a request to its headers."));
  CHECK(has("# TYPE " + name + " histogram"));
  CHECK(has(name + R"(_bucket{method="GET",le="0.1"} 1)"));
  CHECK(has(name + R"(_bucket{method="GET",le="0.2"} 2)"));
  CHECK(has(name + R"(_bucket{method="GET",le="+Inf"} 3)"));
  CHECK(has(name + R"(_count{method="GET"} 3)"));
  CHECK(has(name + R"(_sum{method="GET"} 1.2001)"));
}

TEST_CASE_FIXTURE(Fixture, "a counter adds up and ends in total; a gauge is the latest") {
  make();
  for (const double value : {1.0, 2.0}) series(kRetries, {{"reason", "a\"b\\c\nd"}}).record(value);
  for (const double value : {7.0, 3.0}) series(kIdle).record(value);
  CHECK(has(R"(retries_total{reason="a\"b\\c\nd"} 3)"));
  CHECK(has("# TYPE pool_idle gauge\npool_idle 3"));
}

TEST_CASE_FIXTURE(Fixture, "bounds are taken in any order, without doubles and infinities") {
  config.buckets = {2, HUGE_VAL, 1, 2, std::nan("")};
  make();
  series(kTime).record(1500);
  const std::string name = "toolkit_http_client_request_time_seconds";
  CHECK(has(name + "_bucket{le=\"1\"} 0\n" + name + "_bucket{le=\"2\"} 1\n" + name +
            "_bucket{le=\"+Inf\"} 1"));
}

TEST_CASE_FIXTURE(Fixture, "bounds given for times leave sizes and plain numbers alone") {
  config.buckets = {7};
  make();
  series({.name = "sent", .unit = Unit::bytes}).record(1000);
  series({.name = "attempts"}).record(2);
  CHECK(has("sent_bytes_bucket{le=\"1024\"} 1"));
  CHECK(has("attempts_bucket{le=\"2\"} 1"));
}

TEST_CASE_FIXTURE(Fixture, "what no series can take is dropped and counted") {
  make();
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    for (const MetricInfo& info : {kTime, kRetries, kIdle}) series(info).record(value);
  }
  series(kRetries).record(-1);
  series(kIdle).record(-1);
  CHECK(sink->dropped() == 10);
  CHECK(has("toolkit_http_client_request_time_seconds_count 0"));
  CHECK(has("retries_total 0"));
  CHECK(has("pool_idle -1"));
}

TEST_CASE_FIXTURE(Fixture, "a name that is another kind's already is refused, not fatal") {
  make();
  series(kIdle).record(1);
  MetricSeries& refused = series({.name = "pool.idle", .kind = Kind::histogram});
  refused.record(2);
  CHECK(&refused == &series({.name = "pool.idle", .kind = Kind::histogram}));
  CHECK(sink->dropped() == 1);
  CHECK(has("pool_idle 1"));
  CHECK(text().find("pool_idle_count") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a registry that refuses a name it has costs that metric alone") {
  registry = std::make_shared<Registry>(Registry::InsertBehavior::Throw);
  prometheus::BuildCounter().Name("retries_total").Register(*registry).Add({}).Increment(5);
  make();
  series(kRetries).record(1);
  series(kIdle, {{"a", "1"}}).record(1);
  series(kIdle, {{"a", "2"}}).record(2);
  CHECK(has("retries_total 5"));
  CHECK(has(R"(pool_idle{a="1"} 1)"));
  CHECK(has(R"(pool_idle{a="2"} 2)"));
  CHECK(sink->dropped() == 1);
}

TEST_CASE_FIXTURE(Fixture, "the same tags in another order are the same series") {
  make();
  CHECK(&series(kTime, {{"a", "1"}, {"b", "2"}}) == &series(kTime, {{"b", "2"}, {"a", "1"}}));
  CHECK(&series(kTime, {{"a", "1"}, {"b", ""}}) == &series(kTime, {{"a", "1"}}));
  CHECK(&series(kTime, {{"a", "1"}}) != &series(kTime, {{"a", "2"}}));
}

TEST_CASE_FIXTURE(Fixture, "past the most series one stands for all others, and counts") {
  config.most_series = 1;
  make();
  for (const char* target : {"a", "b", "c"}) series(kRetries, {{"target_id", target}}).record(1);
  series(kIdle).record(1);
  CHECK(has(R"(retries_total{target_id="a"} 1)"));
  CHECK(has(R"(retries_total{target_id="other"} 2)"));
  CHECK(has("pool_idle 1"));
  CHECK(text().find("\"b\"") == std::string::npos);
  CHECK(sink->overflow() == 2);
}

TEST_CASE_FIXTURE(Fixture, "many threads record while others look") {
  constexpr int kThreads = 3;
  constexpr int kRounds = 300;
  make();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      const std::string own = std::to_string(thread);
      for (int i = 0; i < kRounds; ++i) {
        series(kTime, {{"thread", own}}).record(1);
        series(kRetries).record(1);
      }
    });
  }
  for (int i = 0; i < 20; ++i) CHECK_FALSE(text().starts_with("?"));
  for (std::thread& thread : threads) thread.join();
  CHECK(has("retries_total " + std::to_string(kThreads * kRounds)));
  const std::string name = "toolkit_http_client_request_time_seconds_count";
  for (const char* own : {"0", "1", "2"}) {
    CHECK(has(name + "{thread=\"" + own + "\"} " + std::to_string(kRounds)));
  }
}

TEST_SUITE_END();

}  // namespace xtrace::prometheus_sink_test
