#include "cli/run_report.h"

#include <memory>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/run_table.h"
#include "cli/text.h"
#include "golden.h"
#include "runs.h"

namespace xtrace::cli::run_report_test {

namespace {

using namespace testing;

constexpr Style kPlain{};
constexpr Style kColor{.color = true, .utf8 = true, .width = 100};

void check_widths(const std::string& text, int width) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    CAPTURE(text.substr(begin, end - begin));
    CHECK(display_width(text.substr(begin, end - begin)) <= static_cast<std::size_t>(width));
    begin = end + 1;
  }
}

}  // namespace

TEST_SUITE("cli/run_report") {
  TEST_CASE("pretty shows percentiles, cold and warm apart, the spread, and the goals") {
    check_golden("run-pretty.txt", render_pretty(fifty_requests(), kPlain));
    check_golden("run-pretty-color.txt", render_pretty(fifty_requests(), kColor));
    check_golden("run-pretty-narrow.txt", render_pretty(fifty_requests(), {.width = 62}));
  }

  TEST_CASE("pretty says that an open loop counts from the intended start, and what it left out") {
    check_golden("run-pretty-rate.txt", render_pretty(late_by_the_clock(), kPlain));
  }

  TEST_CASE("pretty tells each kind of error, and draws nothing where nothing was measured") {
    check_golden("run-pretty-refused.txt", render_pretty(all_refused(), kPlain));
  }

  TEST_CASE("pretty tells what was measured before an interruption, the pool and lost traces") {
    check_golden("run-pretty-interrupted.txt", render_pretty(interrupted_run(), kPlain));
  }

  TEST_CASE("no line of pretty is wider than the screen") {
    for (const int width : {80, 100}) {
      check_widths(render_pretty(fifty_requests(), {.width = width}), width);
      check_widths(render_pretty(late_by_the_clock(), {.width = width}), width);
      check_widths(render_pretty(all_refused(), {.width = width}), width);
      check_widths(render_pretty(interrupted_run(), {.width = width}), width);
    }
  }

  TEST_CASE("compact is one line") {
    check_golden("run-compact.txt", render_compact(fifty_requests(), kPlain));
    check_golden("run-compact-refused.txt", render_compact(all_refused(), kPlain));
  }

  TEST_CASE("json has the whole of it") {
    check_golden("run-json.txt", render_json(fifty_requests()));
    check_golden("run-json-rate.txt", render_json(late_by_the_clock()));
    check_golden("run-json-interrupted.txt", render_json(interrupted_run()));
  }

  TEST_CASE("the counts of json add up") {
    const auto json = nlohmann::json::parse(render_json(fifty_requests()), nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json["schema"] == "xtrace.run/1");
    const auto& total = json["phases"]["total"];
    CHECK(total["warm"]["count"].get<int>() + total["cold"]["count"].get<int>() == 50);
    CHECK(json["connections"]["opened"] == 4);
    CHECK(json["connections"]["reused"] == total["warm"]["count"]);
    CHECK(json["statuses"]["200"].get<int>() + json["statuses"]["503"].get<int>() == 50);
    CHECK(json["phases"]["proxy"].is_null());
    CHECK(json["phases"]["tls"]["warm"].is_null());
    CHECK(json["slo"].size() == 4);
    CHECK(json["slo"][3]["value_us"].is_null());
    CHECK(json["slowest"][0]["status"] == 503);
  }

  TEST_CASE("the bars of the spread hold every request") {
    const RunReport report = fifty_requests();
    const std::string text =
        draw_distribution(*report.stats, make_run_scale(*report.stats, kPlain.unit), kPlain);
    int sum = 0;
    std::size_t at = 0;
    while ((at = text.find('|', at)) != std::string::npos) {
      const std::size_t digits = text.find_first_not_of("|# ", at);
      if (digits < text.find('\n', at)) sum += std::stoi(text.substr(digits));
      ++at;
    }
    CHECK(sum == 46);
  }

  TEST_CASE("a spread is drawn whole wherever the values lie between the steps") {
    for (int nanoseconds = 1'000'000; nanoseconds < 1'020'000; nanoseconds += 97) {
      CAPTURE(nanoseconds);
      const auto stats = std::make_unique<LoadStats>();
      Exchange exchange;
      exchange.timeline.total = Duration(nanoseconds);
      for (int i = 0; i < 20; ++i) stats->add({.exchange = exchange});
      const Scale scale{.quantum = std::chrono::microseconds(1), .decimals = 0, .unit = "us"};
      const std::string text = draw_distribution(*stats, scale, kPlain);
      CHECK(text.find("# 20") != std::string::npos);
    }
  }

  TEST_CASE("the rate counts answered requests") {
    RunReport report = all_refused();
    CHECK(report.rate() == 0);
    report = fifty_requests();
    CHECK(report.rate() == doctest::Approx(50 / 1.9));
    report.duration = {};
    CHECK(report.rate() == 0);
  }

  TEST_CASE("a report without goals has null for them") {
    CHECK(slo_to_json({}) == "null");
    CHECK(render_slo({}, kPlain).empty());
  }
}

}  // namespace xtrace::cli::run_report_test
