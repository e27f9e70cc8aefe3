#include "instrument/dogstatsd_batch.h"

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/dogstatsd_sink.h>

#include "statsd_server.h"

namespace xtrace::dogstatsd_batch_test {

namespace {

using testing::statsd_lines;
using testing::StatsdLine;
using testing::StatsdServer;
using Kind = MetricInfo::Kind;
using Outcome = DogStatsdBatch::Outcome;

DogStatsdLine line_of(Kind kind, const std::string& name) {
  DogStatsdLine line;
  line.kind = kind;
  line.head = name + ':';
  line.tail = kind == Kind::histogram ? "|h|#a:b" : kind == Kind::counter ? "|c" : "|g";
  return line;
}

std::string written(DogStatsdBatch& batch) {
  std::string text;
  const std::size_t bytes = batch.bytes();
  batch.write(text);
  CHECK(text.size() == bytes);
  CHECK(batch.is_empty());
  CHECK(batch.bytes() == 0);
  return text;
}

/// A limit at which exactly `text` fits.
constexpr std::size_t room_for(std::string_view text) {
  return text.size();
}

}  // namespace

TEST_SUITE_BEGIN("instrument/dogstatsd_batch");

TEST_CASE("a batch takes what fills it to the last byte, and not one more") {
  for (const int missing : {0, 1}) {
    CAPTURE(missing);
    const Outcome last = missing == 0 ? Outcome::taken : Outcome::full;
    DogStatsdLine first = line_of(Kind::histogram, "first");
    DogStatsdLine second = line_of(Kind::counter, "second");
    SUBCASE("by another value of a line") {
      DogStatsdBatch batch{room_for("first:1:23|h|#a:b") - static_cast<std::size_t>(missing)};
      CHECK(batch.add(first, 1) == Outcome::taken);
      CHECK(batch.add(first, 23) == last);
      CHECK(written(batch) == (missing == 0 ? "first:1:23|h|#a:b" : "first:1|h|#a:b"));
    }
    SUBCASE("by another line") {
      DogStatsdBatch batch{room_for("first:1|h|#a:b\nsecond:5|c") -
                           static_cast<std::size_t>(missing)};
      CHECK(batch.add(first, 1) == Outcome::taken);
      CHECK(batch.add(second, 5) == last);
      CHECK(written(batch) == (missing == 0 ? "first:1|h|#a:b\nsecond:5|c" : "first:1|h|#a:b"));
    }
    SUBCASE("by a sum that has a digit more") {
      DogStatsdBatch batch{room_for("second:10|c") - static_cast<std::size_t>(missing)};
      CHECK(batch.add(second, 9) == Outcome::taken);
      CHECK(batch.add(second, 1) == last);
      CHECK(written(batch) == (missing == 0 ? "second:10|c" : "second:9|c"));
    }
  }
}

TEST_CASE("a line that is longer than a datagram is told from one that has to wait") {
  DogStatsdLine first = line_of(Kind::histogram, "first");
  DogStatsdLine second = line_of(Kind::gauge, "second");
  DogStatsdBatch batch{room_for("first:1|h|#a:b")};
  CHECK(batch.add(first, 12) == Outcome::too_long);
  CHECK(batch.is_empty());
  CHECK(batch.add(first, 1) == Outcome::taken);
  CHECK(batch.add(first, 1) == Outcome::full);
  CHECK(batch.add(first, 12) == Outcome::too_long);
  CHECK(batch.add(second, 1) == Outcome::full);
  CHECK(batch.add(second, 1234567) == Outcome::too_long);
  CHECK(batch.values() == 1);
  CHECK(written(batch) == "first:1|h|#a:b");
  CHECK(batch.add(second, 1) == Outcome::taken);
  CHECK(written(batch) == "second:1|g");
}

TEST_CASE("a gauge gives room back when its value gets shorter") {
  DogStatsdLine idle = line_of(Kind::gauge, "idle");
  DogStatsdLine rest = line_of(Kind::counter, "rest");
  DogStatsdBatch batch{room_for("idle:1|g\nrest:1|c")};
  CHECK(batch.add(idle, 100000) == Outcome::taken);
  CHECK(batch.add(rest, 1) == Outcome::full);
  CHECK(batch.add(idle, 1) == Outcome::taken);
  CHECK(batch.add(rest, 1) == Outcome::taken);
  CHECK(batch.values() == 3);
  CHECK(written(batch) == "idle:1|g\nrest:1|c");
}

TEST_CASE("a batch that is cleared knows nothing of its lines") {
  DogStatsdLine line = line_of(Kind::counter, "line");
  DogStatsdBatch batch{100};
  CHECK(batch.add(line, 1) == Outcome::taken);
  batch.clear();
  CHECK(batch.is_empty());
  CHECK(batch.add(line, 2) == Outcome::taken);
  CHECK(written(batch) == "line:2|c");
}

TEST_CASE("whatever is recorded in whatever order arrives once, in datagrams that fit") {
  std::minstd_rand random{20260725};
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random()) % limit; };
  for (int run = 0; run < 60; ++run) {
    CAPTURE(run);
    StatsdServer server;
    const std::size_t most = 64 + below(run % 3 == 0 ? 2000 : 80);
    auto made = DogStatsdSink::make(
        {.server = server.address(), .datagram_bytes = most, .flush_after = std::chrono::hours(1)});
    REQUIRE(made.has_value());
    DogStatsdSink& sink = **made;
    std::map<std::string, std::vector<double>> expected;
    std::map<std::string, double> sums;
    std::vector<MetricValue> row;
    for (int i = 0; i < 400; ++i) {
      const std::string name = "metric." + std::to_string(below(12));
      const bool is_counter = below(3) == 0;
      const double value = below(2) == 0 ? below(100000) : below(100000) / 1024.0;
      const Kind kind = is_counter ? Kind::counter : Kind::histogram;
      row.push_back({&sink.series({.name = name, .kind = kind}, {}), value});
      if (row.size() > (run % 2 == 0 ? 0 : below(9)) || i == 399) {
        sink.record_all(row);
        row.clear();
      }
      if (is_counter) {
        sums[name] += value;
      } else {
        expected[name].push_back(value);
      }
      if (below(50) == 0) sink.flush();
    }
    sink.flush();
    std::size_t bytes = 0;
    for (const std::string& datagram : server.datagrams()) {
      CHECK(datagram.size() <= most);
      bytes += datagram.size();
      for (const StatsdLine& line : statsd_lines(datagram)) {
        std::vector<double>& values = expected[line.name];
        if (line.type == 'c') {
          sums[line.name] -= line.values.at(0);  // thousandths in binary: exact
          continue;
        }
        REQUIRE(line.values.size() <= values.size());
        for (const double value : line.values) {
          CHECK(value == values.front());
          values.erase(values.begin());
        }
      }
    }
    for (const auto& [name, values] : expected) CHECK(values.empty());
    for (const auto& [name, sum] : sums) CHECK(sum == 0);
    CHECK(sink.stats().values == 400);
    CHECK(sink.stats().bytes == bytes);
    CHECK(sink.stats().dropped == 0);
  }
}

TEST_CASE("the longest datagram that UDP knows is sent") {
  StatsdServer server;
  auto made = DogStatsdSink::make(
      {.server = server.address(), .datagram_bytes = 65'507, .flush_after = std::chrono::hours(1)});
  REQUIRE(made.has_value());
  MetricSeries& series = (*made)->series({.name = "m"}, {});
  // `m:` and `|h` are four bytes, `7` and the colon before it two: 65,507 hold 32,752 values.
  constexpr int kValues = 32'752;
  for (int i = 0; i < kValues; ++i) series.record(7);
  CHECK(server.datagrams().empty());
  series.record(7);
  const std::vector<std::string> datagrams = server.datagrams();
  REQUIRE(datagrams.size() == 1);
  CHECK(datagrams[0].size() == 65'507);
  CHECK(statsd_lines(datagrams[0]).at(0).values.size() == kValues);
  CHECK((*made)->stats().lost == 0);
}

TEST_SUITE_END();

}  // namespace xtrace::dogstatsd_batch_test
