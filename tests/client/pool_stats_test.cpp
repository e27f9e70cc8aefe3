#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/pool_stats.h>

namespace xtrace::pool_stats_test {

using nlohmann::json;

TEST_SUITE("client/pool_stats") {
  TEST_CASE("counts add up, and a limit stays what it is") {
    PoolCounts sum{.idle = 1, .limit = 10, .opened = 2};
    sum.closed[0] = 1;
    PoolCounts more{.idle = 2, .active = 3, .connecting = 4, .waiting = 5, .limit = 7};
    more.opened = 6;
    more.closed[0] = 7;
    sum += more;
    CHECK(sum.idle == 3);
    CHECK(sum.total() == 10);
    CHECK(sum.waiting == 5);
    CHECK(sum.limit == 10);
    CHECK(sum.opened == 8);
    CHECK(sum.closed_for(CloseReason::idle_timeout) == 8);
  }

  TEST_CASE("every reason to close has a name of its own") {
    std::string names;
    for (std::size_t i = 0; i < kCloseReasonCount; ++i) {
      names += to_string(static_cast<CloseReason>(i));
      names += ' ';
    }
    CHECK(names ==
          "idle_timeout lifetime server_closed not_reusable error cancelled over_limit closed ");
  }

  TEST_CASE("a pool's JSON is one line with every count under its name") {
    PoolStats stats{.name = "api \"one\""};
    stats.total = {.idle = 1, .active = 2, .limit = 8, .reused = 9};
    stats.total.closed[static_cast<std::size_t>(CloseReason::over_limit)] = 4;
    stats.addresses.push_back({.address = "[::1]:80", .counts = {.connecting = 3}});
    const std::string text = stats.to_json();
    CHECK(text.find('\n') == std::string::npos);
    const json document = json::parse(text);
    CHECK(document.at("name") == "api \"one\"");
    CHECK(document.at("total").at("idle") == 1);
    CHECK(document.at("total").at("total") == 3);
    CHECK(document.at("total").at("limit") == 8);
    CHECK(document.at("total").at("reused") == 9);
    CHECK(document.at("total").at("closed").at("over_limit") == 4);
    CHECK(document.at("total").size() == 14);
    CHECK(document.at("addresses").at("[::1]:80").at("connecting") == 3);
  }
}

}  // namespace xtrace::pool_stats_test
