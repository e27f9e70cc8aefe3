#include "cli/prom_text.h"

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace xtrace::cli::prom_text_test {

namespace {

using Kind = MetricInfo::Kind;
using Unit = MetricInfo::Unit;

constexpr MetricInfo kTime{.name = "request.time", .unit = Unit::milliseconds, .help = "It took."};
constexpr MetricInfo kRetries{.name = "retries", .kind = Kind::counter, .help = "Said\ntwice \\\""};
constexpr MetricInfo kIdle{.name = "pool.idle", .kind = Kind::gauge};

struct Fixture {
  PromTextSink sink{};

  MetricSeries& series(const MetricInfo& info, const std::vector<MetricTag>& tags = {}) {
    return sink.series(info, tags);
  }
};

}  // namespace

TEST_SUITE_BEGIN("cli/prom_text");

TEST_CASE_FIXTURE(Fixture, "nothing recorded is no text") {
  CHECK(sink.text().empty());
}

TEST_CASE_FIXTURE(Fixture, "counters and gauges have a line each, families a head, all sorted") {
  series(kRetries, {{"reason", "b"}}).record(2);
  series(kRetries, {{"reason", "a"}}).record(1);
  series(kRetries, {{"reason", "a"}}).record(0.5);
  for (const double value : {7.0, 3.0}) series(kIdle).record(value);
  CHECK(sink.text() ==
        "# TYPE pool_idle gauge\n"
        "pool_idle 3\n"
        "# HELP retries_total Said twice /\"\n"
        "# TYPE retries_total counter\n"
        "retries_total{reason=\"a\"} 1.5\n"
        "retries_total{reason=\"b\"} 2\n");
}

TEST_CASE_FIXTURE(Fixture, "a histogram has cumulative buckets in seconds, a sum and a count") {
  for (const double value : {0.1, 0.1001, 70000.0}) series(kTime, {{"a", "1"}}).record(value);
  const std::string text = sink.text();
  CHECK(
      text.starts_with("# HELP request_time_seconds It took.\n"
                       "# TYPE request_time_seconds histogram\n"
                       "request_time_seconds_bucket{a=\"1\",le=\"5e-05\"} 0\n"
                       "request_time_seconds_bucket{a=\"1\",le=\"0.0001\"} 1\n"
                       "request_time_seconds_bucket{a=\"1\",le=\"0.0002\"} 2\n"));
  CHECK(
      text.ends_with("request_time_seconds_bucket{a=\"1\",le=\"60\"} 2\n"
                     "request_time_seconds_bucket{a=\"1\",le=\"+Inf\"} 3\n"
                     "request_time_seconds_sum{a=\"1\"} 70.0002001\n"
                     "request_time_seconds_count{a=\"1\"} 3\n"));
}

TEST_CASE_FIXTURE(Fixture, "a histogram without labels has the bound alone in its braces") {
  series({.name = "sent", .unit = Unit::bytes}).record(64);
  const std::string text = sink.text();
  CHECK(text.starts_with("# TYPE sent_bytes histogram\nsent_bytes_bucket{le=\"64\"} 1\n"));
  CHECK(
      text.ends_with("sent_bytes_bucket{le=\"+Inf\"} 1\nsent_bytes_sum 64\nsent_bytes_count 1\n"));
}

TEST_CASE_FIXTURE(Fixture, "a label's value is escaped") {
  series(kIdle, {{"url", "a\"b\\c\nd\te"}}).record(1);
  CHECK(sink.text() == "# TYPE pool_idle gauge\npool_idle{url=\"a\\\"b\\\\c\\nd\te\"} 1\n");
}

TEST_CASE_FIXTURE(Fixture, "what no series can take is dropped and counted") {
  for (const MetricInfo& info : {kTime, kRetries, kIdle}) {
    for (const double value : {std::nan(""), HUGE_VAL}) series(info).record(value);
  }
  series(kRetries).record(-1);
  series({.name = "pool.idle", .kind = Kind::histogram}).record(1);
  CHECK(sink.dropped() == 8);
  CHECK(sink.text().find("pool_idle_count") == std::string::npos);
  CHECK(sink.text().find("retries_total 0\n") != std::string::npos);
}

TEST_CASE("past the most series one stands for all others, and counts") {
  PromTextSink sink{1};
  for (const char* target : {"a", "b", "c"}) {
    const MetricTag tag{"target_id", target};
    sink.series(kRetries, {&tag, 1}).record(1);
  }
  CHECK(
      sink.text().ends_with("retries_total{target_id=\"a\"} 1\n"
                            "retries_total{target_id=\"other\"} 2\n"));
  CHECK(sink.overflow() == 2);
}

TEST_CASE_FIXTURE(Fixture, "many threads record while another one reads") {
  constexpr int kThreads = 3;
  constexpr int kRounds = 300;
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
  for (int i = 0; i < 20; ++i) static_cast<void>(sink.text());
  for (std::thread& thread : threads) thread.join();
  const std::string text = sink.text();
  CHECK(text.find("\nretries_total 900\n") != std::string::npos);
  for (const char* own : {"0", "1", "2"}) {
    const std::string labels = std::string("{thread=\"") + own + "\"}";
    CHECK(text.find("request_time_seconds_count" + labels + " 300\n") != std::string::npos);
  }
}

TEST_SUITE_END();

}  // namespace xtrace::cli::prom_text_test
