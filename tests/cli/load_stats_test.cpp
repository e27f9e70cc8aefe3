#include "cli/load_stats.h"

#include <memory>

#include <doctest/doctest.h>

namespace load_stats_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::milliseconds;

namespace {

enum class Connection : std::uint8_t { fresh, reused };

/// Connecting takes 5 ms where it is done, the answer comes after 1 ms more, and it all ends after
/// `total`.
Exchange answered(int status, Duration total, Connection connection) {
  Exchange exchange;
  exchange.response.emplace().status = status;
  Timeline& timeline = exchange.timeline;
  timeline.reused = connection == Connection::reused;
  const Duration connected = timeline.reused ? Duration{} : milliseconds(5);
  if (!timeline.reused) timeline.set(Phase::connect, {Duration{}, connected, Outcome::ok});
  timeline.set(Phase::response, {connected, connected + milliseconds(1), Outcome::ok});
  timeline.set(Phase::body, {connected + milliseconds(1), total, Outcome::ok});
  timeline.total = total;
  timeline.response_body_bytes = 10;
  return exchange;
}

Exchange failed(Error::Code code, Phase phase) {
  Exchange exchange;
  exchange.error = Error{code, phase, "the server went away"};
  exchange.timeline.total = milliseconds(1);
  return exchange;
}

}  // namespace

TEST_SUITE("cli/load_stats") {
  TEST_CASE("requests on new and on reused connections are measured apart") {
    const auto stats = std::make_unique<LoadStats>();
    stats->add({.exchange = answered(200, milliseconds(10), Connection::fresh), .number = 1});
    stats->add({.exchange = answered(200, milliseconds(2), Connection::reused), .number = 2});
    stats->add({.exchange = answered(503, milliseconds(3), Connection::reused), .number = 3});
    CHECK(stats->requests() == 3);
    CHECK(stats->cold() == 1);
    CHECK(stats->warm() == 2);
    CHECK(stats->body_bytes() == 30);
    CHECK(stats->of(Metric::total, false).max() == milliseconds(10));
    CHECK(stats->of(Metric::total, true).max() == milliseconds(3));
    CHECK(stats->of(Metric::connect, false).count() == 1);
    CHECK(stats->of(Metric::connect, true).count() == 0);
    CHECK(stats->of(Metric::total).count() == 3);
    const auto statuses = stats->statuses();
    REQUIRE(statuses.size() == 2);
    CHECK(statuses[0] == std::pair<int, std::uint64_t>(200, 2));
    CHECK(statuses[1] == std::pair<int, std::uint64_t>(503, 1));
  }

  TEST_CASE("total and first byte count from the intended start, phases from their own") {
    const auto stats = std::make_unique<LoadStats>();
    stats->add({.exchange = answered(200, milliseconds(2), Connection::reused),
                .number = 1,
                .late = milliseconds(30)});
    CHECK(stats->of(Metric::total).max() == milliseconds(32));
    CHECK(stats->of(Metric::ttfb).max() == milliseconds(31));
    CHECK(stats->of(Metric::response).max() == milliseconds(1));
    CHECK(stats->latest() == milliseconds(30));
  }

  TEST_CASE("errors are counted by code and phase, and in no histogram") {
    const auto stats = std::make_unique<LoadStats>();
    stats->add({.exchange = failed(Error::Code::empty_reply, Phase::response)});
    stats->add({.exchange = failed(Error::Code::connect_refused, Phase::connect)});
    stats->add({.exchange = failed(Error::Code::connect_refused, Phase::connect)});
    stats->add({.exchange = failed(Error::Code::connect_refused, Phase::proxy)});
    CHECK(stats->failed() == 4);
    CHECK(stats->answered() == 0);
    CHECK(stats->of(Metric::total).count() == 0);
    const auto errors = stats->errors();
    REQUIRE(errors.size() == 3);
    CHECK(errors[0].code == Error::Code::connect_refused);
    CHECK(errors[0].phase == Phase::connect);
    CHECK(errors[0].count == 2);
    CHECK(errors[0].message == "the server went away");
  }

  TEST_CASE("the slowest five are kept, the slowest first") {
    const auto stats = std::make_unique<LoadStats>();
    for (int i = 1; i <= 100; ++i) {
      const Duration total = milliseconds((i * 37) % 101 + 2);
      stats->add({.exchange = answered(200, total, Connection::reused),
                  .number = static_cast<std::uint64_t>(i)});
    }
    const auto slowest = stats->slowest();
    REQUIRE(slowest.size() == LoadStats::kSlowest);
    for (int i = 0; i < 5; ++i) {
      CHECK(slowest[static_cast<std::size_t>(i)].total == milliseconds(102 - i));
    }
    CHECK((slowest.front().number * 37) % 101 == 100);
  }

  TEST_CASE("fewer than five are all kept") {
    const auto stats = std::make_unique<LoadStats>();
    CHECK(stats->slowest().empty());
    stats->add({.exchange = answered(200, milliseconds(2), Connection::reused), .number = 9});
    REQUIRE(stats->slowest().size() == 1);
    CHECK(stats->slowest().front().number == 9);
  }

  TEST_CASE("goals are held against all answered requests, no statistic meaning the greatest") {
    const auto stats = std::make_unique<LoadStats>();
    for (int i = 1; i <= 100; ++i) {
      stats->add({.exchange = answered(200, milliseconds(i + 10), Connection::reused)});
    }
    const auto goals = parse_slo("total.p50=61ms,total.p50=59ms,total=110ms,total=109ms,tls=1ms");
    REQUIRE(goals);
    const auto results = stats->judge(*goals);
    REQUIRE(results.size() == 5);
    CHECK(results[0].ok);
    CHECK_FALSE(results[1].ok);
    CHECK(results[2].ok);
    CHECK(results[2].value == milliseconds(110));
    CHECK_FALSE(results[3].ok);
    CHECK(results[4].ok);
    CHECK_FALSE(results[4].happened);
  }

  TEST_CASE("a run without an answer misses the goals of its total") {
    const auto stats = std::make_unique<LoadStats>();
    stats->add({.exchange = failed(Error::Code::empty_reply, Phase::response)});
    const auto goals = parse_slo("total.p99=1s,dns=1s");
    REQUIRE(goals);
    const auto results = stats->judge(*goals);
    CHECK_FALSE(results[0].ok);
    CHECK(results[1].ok);
  }
}

}  // namespace load_stats_test
