#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/dogstatsd_sink.h>

#include "statsd_server.h"

namespace xtrace::dogstatsd_sink_test {

namespace {

using namespace std::chrono_literals;
using testing::StatsdLine;
using testing::StatsdServer;
using Kind = MetricInfo::Kind;
using Datagrams = std::vector<std::string>;

constexpr MetricInfo kTime{.name = "toolkit.http.client.request.time",
                           .unit = MetricInfo::Unit::milliseconds};
constexpr MetricInfo kRetries{.name = "retries", .kind = Kind::counter};
constexpr MetricInfo kIdle{.name = "idle", .kind = Kind::gauge};

struct Fixture {
  StatsdServer server;
  Tick present{1h};
  DogStatsdConfig config{.server = server.address(),
                         .clock = [this] { return TimePoint{.tick = present}; }};
  std::unique_ptr<DogStatsdSink> sink;

  void make() {
    auto made = DogStatsdSink::make(config);
    REQUIRE(made.has_value());
    sink = std::move(made).value();
  }
  MetricSeries& series(const MetricInfo& info, const std::vector<MetricTag>& tags = {}) {
    return sink->series(info, tags);
  }
  Datagrams flushed() {
    sink->flush();
    return server.datagrams();
  }
};

Error::Code code_of(const DogStatsdConfig& config) {
  const auto made = DogStatsdSink::make(config);
  REQUIRE_FALSE(made.has_value());
  return made.error().code;
}

}  // namespace

TEST_SUITE_BEGIN("instrument/dogstatsd_sink");

TEST_CASE_FIXTURE(Fixture, "values of one series share a line, series share a datagram") {
  make();
  MetricSeries& get = series(kTime, {{"target_id", "shop"}, {"method", "GET"}});
  MetricSeries& post = series(kTime, {{"target_id", "shop"}, {"method", "POST"}});
  get.record(12.5);
  post.record(200);
  get.record(0.25);
  CHECK(server.datagrams().empty());
  CHECK(flushed() ==
        Datagrams{"toolkit.http.client.request.time:12.5:0.25|h|#method:GET,target_id:shop\n"
                  "toolkit.http.client.request.time:200|h|#method:POST,target_id:shop"});
  CHECK(flushed().empty());
  const DogStatsdStats stats = sink->stats();
  CHECK(stats.values == 3);
  CHECK(stats.datagrams == 1);
  CHECK(stats.bytes == 138);
}

TEST_CASE_FIXTURE(Fixture, "a counter is summed and a gauge is the latest until they leave") {
  make();
  MetricSeries& retries = series(kRetries);
  MetricSeries& idle = series(kIdle);
  for (int i = 0; i < 3; ++i) retries.record(2);
  for (const double value : {7.0, 0.0, 3.5}) idle.record(value);
  CHECK(flushed() == Datagrams{"retries:6|c\nidle:3.5|g"});
  retries.record(1);
  CHECK(flushed() == Datagrams{"retries:1|c"});
}

TEST_CASE_FIXTURE(Fixture, "a sum too large for a double is sent in parts") {
  make();
  constexpr double kMost = std::numeric_limits<double>::max();
  series(kRetries).record(kMost);
  series(kRetries).record(kMost);
  sink->flush();
  const std::vector<StatsdLine> lines = server.lines();
  REQUIRE(lines.size() == 2);
  for (const StatsdLine& line : lines) CHECK(line.values == std::vector<double>{kMost});
}

TEST_CASE_FIXTURE(Fixture, "a value arrives as the double that was recorded") {
  make();
  const std::vector<double> values{
      0.1,  1.0 / 3, 1e-7,   123456789012345.0,      1e15,   1e22,
      -0.5, -0.0,    5e-324, 1.7976931348623157e308, 100000, 0.30000000000000004};
  for (const double value : values) series(kTime).record(value);
  sink->flush();
  const std::vector<StatsdLine> lines = server.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].values == values);
}

TEST_CASE_FIXTURE(Fixture, "a whole number has no exponent, for servers that read integers") {
  make();
  series(kRetries).record(100000);
  CHECK(flushed() == Datagrams{"retries:100000|c"});
}

TEST_CASE_FIXTURE(Fixture, "what is no number is dropped and counted") {
  make();
  for (const MetricInfo& info : {kTime, kRetries, kIdle}) {
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) series(info).record(value);
  }
  CHECK(flushed().empty());
  CHECK(sink->stats() == DogStatsdStats{.dropped = 9});
}

TEST_CASE_FIXTURE(Fixture,
                  "a line longer than a datagram is dropped and counted, the rest is not") {
  config.datagram_bytes = 64;
  make();
  const std::string target(64, 'x');
  MetricSeries& idle = series(kIdle);
  idle.record(1);
  series(kTime, {{"target_id", target}}).record(2);
  series(kRetries, {{"target_id", target}}).record(3);
  series(kRetries).record(4);
  CHECK(flushed() == Datagrams{"idle:1|g\nretries:4|c"});
  CHECK(sink->stats().values == 2);
  CHECK(sink->stats().dropped == 2);
}

TEST_CASE_FIXTURE(Fixture, "the same tags in another order are the same series") {
  make();
  CHECK(&series(kTime, {{"a", "1"}, {"b", "2"}}) == &series(kTime, {{"b", "2"}, {"a", "1"}}));
  CHECK(&series(kTime, {{"a", "1"}}) != &series(kTime, {{"a", "2"}}));
  CHECK(&series(kTime) != &series({.name = kTime.name, .kind = Kind::gauge}));
}

TEST_CASE_FIXTURE(Fixture,
                  "the prefix stands before every name and common tags before all others") {
  config.prefix = "shop.";
  config.tags = {{"zone", "b"}, {"env", "prod"}};
  make();
  series(kIdle, {{"a", "1"}}).record(1);
  CHECK(flushed() == Datagrams{"shop.idle:1|g|#env:prod,zone:b,a:1"});
}

TEST_CASE_FIXTURE(Fixture,
                  "names and tags lose what the protocol would break at, and nothing else") {
  make();
  series({.name = "a:b|c#d.e f"}, {{"k:e|y,#", "v:a|l,u#e"}, {"nl", "x\ny\r"}, {"", "lost"}})
      .record(1);
  CHECK(flushed() == Datagrams{"a_b_c#d.e f:1|h|#k_e_y_#:v:a_l_u#e,nl:x_y_"});
  series({.name = "\xff\xc3(\xc3\xa9"}, {{"k", "\xed\xa0\x80"}}).record(1);
  const std::string broken = "\xEF\xBF\xBD";
  CHECK(flushed() == Datagrams{broken + broken + "(\xc3\xa9:1|h|#k:" + broken + broken + broken});
}

TEST_CASE_FIXTURE(Fixture, "no name reads as an event or a service check") {
  make();
  for (const std::string_view name : {"_sc.x", "_e{1,2}", "_kept", "", "_sc"}) {
    series({.name = name}).record(1);
  }
  CHECK(flushed() == Datagrams{"sc.x:1|h\ne{1,2}:1|h\n_kept:1|h\nunnamed:1|h\nsc:1|h"});
}

TEST_CASE_FIXTURE(Fixture, "a value recorded late takes what waits along") {
  config.flush_after = 100ms;
  make();
  MetricSeries& time = series(kTime);
  time.record(1);
  present += 100ms - 1ns;
  time.record(2);
  CHECK(server.datagrams().empty());
  present += 1ns;
  time.record(3);
  CHECK(server.lines().at(0).values == std::vector<double>{1, 2, 3});
  present += 99ms;
  time.record(4);
  CHECK(server.datagrams().empty());
  present += 100ms;
  series(kIdle).record(5);
  CHECK(server.lines().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "with no time to wait every value leaves at once") {
  config.flush_after = 0ns;
  make();
  for (const double value : {1.0, 2.0}) series(kTime).record(value);
  CHECK(server.datagrams().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "values recorded together leave as they would one by one") {
  make();
  const MetricValue row[] = {
      {&series(kTime), 12.5}, {&series(kRetries), 1},         {&series(kIdle), 7},
      {&series(kTime), 0.25}, {&series(kIdle), std::nan("")}, {&series(kRetries), 2}};
  sink->record_all(row);
  sink->record_all({});
  CHECK(flushed() ==
        Datagrams{"toolkit.http.client.request.time:12.5:0.25|h\nretries:3|c\nidle:7|g"});
  CHECK(sink->stats().values == 5);
  CHECK(sink->stats().dropped == 1);
}

TEST_CASE_FIXTURE(Fixture, "with no time to wait values recorded together leave together at once") {
  config.flush_after = 0ns;
  make();
  const MetricValue row[] = {{&series(kRetries), 1}, {&series(kIdle), 2}};
  sink->record_all(row);
  CHECK(server.datagrams() == Datagrams{"retries:1|c\nidle:2|g"});
}

TEST_CASE_FIXTURE(Fixture, "what is left of a row when a datagram is full begins the next") {
  config.datagram_bytes = 64;
  make();
  const std::vector<MetricValue> row(30, {&series({.name = "m"}), 1234});
  sink->record_all(row);
  const Datagrams full = server.datagrams();
  REQUIRE(full.size() == 2);
  for (const std::string& each : full) CHECK(each.size() == 63);  // 12 values
  CHECK(flushed() == Datagrams{"m:1234:1234:1234:1234:1234:1234|h"});
  CHECK(sink->stats().values == 30);
}

TEST_CASE_FIXTURE(Fixture, "what waits is sent when the sink goes") {
  make();
  series(kRetries).record(4);
  sink.reset();
  CHECK(server.datagrams() == Datagrams{"retries:4|c"});
}

TEST_CASE_FIXTURE(Fixture, "past the most series one stands for all others, and counts") {
  config.most_series = 2;
  make();
  series(kTime, {{"target_id", "a"}, {"method", "GET"}}).record(1);
  series(kTime, {{"target_id", "b"}, {"method", "GET"}}).record(2);
  MetricSeries& others = series(kTime, {{"target_id", "c"}, {"method", "GET"}});
  CHECK(&others == &series(kTime, {{"target_id", "d"}, {"method", "PUT"}}));
  CHECK(&others != &series(kTime, {{"target_id", "a"}, {"method", "GET"}}));
  CHECK(&others != &series(kRetries, {{"target_id", "c"}, {"method", "GET"}}));
  others.record(3);
  others.record(4);
  series(kIdle).record(5);
  sink->flush();
  const std::vector<StatsdLine> lines = server.lines();
  REQUIRE(lines.size() == 4);
  CHECK(lines[2] == StatsdLine{.name = std::string{kTime.name},
                               .values = {3, 4},
                               .type = 'h',
                               .tags = {{"method", "other"}, {"target_id", "other"}}});
  CHECK(sink->stats().values == 5);
  CHECK(sink->stats().overflow == 2);
}

TEST_CASE_FIXTURE(Fixture, "a configuration that makes no sense is refused") {
  using Code = Error::Code;
  const Address address = server.address();
  CHECK(code_of({}) == Code::invalid_config);
  CHECK(code_of({.server = address.with_port(0)}) == Code::invalid_config);
  CHECK(code_of({.server = *Address::from_path("/run/s.sock")}) == Code::invalid_config);
  CHECK(code_of({.server = address, .datagram_bytes = 63}) == Code::invalid_config);
  CHECK(code_of({.server = address, .datagram_bytes = 65508}) == Code::invalid_config);
  CHECK(code_of({.server = address, .flush_after = -1ns}) == Code::invalid_config);
}

TEST_CASE("a server that cannot be reached is named in the error") {
  // A link-local address says nothing without its link.
  const auto made = DogStatsdSink::make({.server = *Address::from_ip("fe80::1", 8125)});
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == Error::Code::system);
  CHECK(made.error().message.starts_with("send metrics to [fe80::1]:8125: connect: "));
}

TEST_SUITE_END();

}  // namespace xtrace::dogstatsd_sink_test
