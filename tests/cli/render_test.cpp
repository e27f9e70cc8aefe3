#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/report.h"
#include "cli/text.h"
#include "random_timeline.h"
#include "reports.h"
#include "support/lines.h"

namespace xtrace::cli::render_test {

namespace {

using namespace testing;
using Json = nlohmann::json;

/// `142.6ms` as steps of its last digit; blanks before it are skipped.
long steps(const std::string& text) {
  std::string digits;
  for (const char character : text) {
    if (character >= '0' && character <= '9') digits += character;
  }
  return std::stol(digits);
}

/// Adds up the columns line, `[ 1.0ms | 2.0ms ]  3.0ms`, exactly as it is printed.
void check_columns_add_up(const std::string& line) {
  const std::size_t end = line.find(']');
  std::string columns = line.substr(1, end - 1) + "|";
  long sum = 0;
  for (std::size_t at = 0; at < columns.size();) {
    const std::size_t bar = columns.find('|', at);
    sum += steps(columns.substr(at, bar - at));
    at = bar + 1;
  }
  REQUIRE_MESSAGE(sum == steps(line.substr(end)), line);
}

Json parse(const Report& report) {
  const std::string text = render_json(report);
  REQUIRE(std::count(text.begin(), text.end(), '\n') == 1);
  Json json = Json::parse(text, nullptr, false);
  REQUIRE_FALSE(json.is_discarded());
  return json;
}

std::vector<Report> all_reports() {
  return {plain_http(),
          plain_https(),
          silent_ipv6(),
          refused_ipv6(),
          reused_connection(),
          judged_not_found(),
          failed_url(),
          failed_dns(),
          failed_dial(),
          failed_family(),
          timed_out_dial(),
          failed_tls(),
          failed_request(),
          failed_response(),
          timed_out_response(),
          failed_body(),
          interrupted(),
          early_response(),
          early_hints(),
          head_request(),
          no_content(),
          tiny(),
          huge(),
          strained(),
          hostile(),
          unsampled(),
          unix_socket(),
          redirected(),
          sent_again(),
          too_many_redirects(),
          through_proxy(),
          refused_by_proxy(),
          told_by_server(),
          asked_to_come_back(),
          waited_to_continue()};
}

}  // namespace

TEST_SUITE("cli/render") {
  TEST_CASE("get prints durations that add up to the total") {
    std::mt19937 random(11);
    int checked = 0;
    for (int i = 0; i < 1000; ++i) {
      for (const std::string& line :
           lines_of(render_pretty(random_report(random), {.width = 200}))) {
        if (!line.starts_with("[")) continue;
        check_columns_add_up(line);
        ++checked;
      }
    }
    CHECK(checked > 900);
  }

  TEST_CASE("no line of the picture is wider than the screen, from 40 to 200 columns") {
    for (const Report& report : all_reports()) {
      for (int width = 40; width <= 200; width += 4) {
        for (const bool utf8 : {false, true}) {
          const Style style{.utf8 = utf8, .width = width};
          for (const std::string& line : lines_of(render_pretty(report, style))) {
            REQUIRE_MESSAGE(display_width(line) <= static_cast<std::size_t>(width), line);
          }
        }
      }
    }
  }

  TEST_CASE("without UTF-8 and colour every format is printable ASCII") {
    for (const Report& report : all_reports()) {
      for (const std::string& text :
           {render_pretty(report, {}), render_classic(report, {}), render_compact(report, {})}) {
        for (const char byte : text) REQUIRE((byte == '\n' || (byte >= 0x20 && byte < 0x7f)));
      }
    }
  }

  TEST_CASE("compact is one line for each leg") {
    for (const Report& report : all_reports()) {
      CHECK(lines_of(render_compact(report, {})).size() ==
            std::max<std::size_t>(1, report.legs.size()));
    }
  }

  TEST_CASE("json has all phase keys, null where a phase did not happen") {
    const Json attempt = parse(reused_connection())["legs"][0]["attempts"][0];
    const std::vector<std::string> names = {"queue", "dns_wait", "dns",      "connect", "proxy",
                                            "tls",   "request",  "response", "body"};
    CHECK(attempt["phases"].size() == names.size());
    for (const std::string& name : names) CHECK(attempt["phases"].contains(name));
    CHECK(attempt["phases"]["dns"].is_null());
    CHECK(attempt["dns"].is_null());
    CHECK(attempt["idle_us"] == 1500000);
  }

  TEST_CASE("json lengths and other_us add up to dur_us, and neighbours meet") {
    std::mt19937 random(12);
    for (int i = 0; i < 1000; ++i) {
      const Json json = parse(random_sequential_report(random));
      const Json& attempt = json["legs"][0]["attempts"][0];
      long sum = attempt["other_us"].get<long>();
      for (const auto& [name, phase] : attempt["phases"].items()) {
        if (name != "connect" && !phase.is_null()) sum += phase["dur_us"].get<long>();
      }
      for (const Json& dial : attempt["dials"]) sum += dial["dur_us"].get<long>();
      REQUIRE(sum == attempt["dur_us"].get<long>());
      REQUIRE(attempt["dur_us"] == json["total_us"]);
    }
  }

  TEST_CASE("json names the error and its phase at the call and at the attempt") {
    const Json json = parse(timed_out_response());
    CHECK(json["error"]["code"] == "call_timeout");
    CHECK(json["error"]["phase"] == "response");
    CHECK(json["legs"][0]["attempts"][0]["error"] == json["error"]);
    CHECK(json["legs"][0]["attempts"][0]["phases"]["response"]["outcome"] == "timeout");
    CHECK(json["exit_code"] == 28);
  }

  TEST_CASE("json stays valid whatever the server sent") {
    const Json json = parse(hostile());
    const Json fields = json["legs"][0]["attempts"][0]["response"]["headers"];
    CHECK(fields.back()[0] == "X-Evil");
    CHECK(fields.back()[1].get<std::string>().starts_with("a\x1b[2Jb\r\nc\ufffd"));
  }

  TEST_CASE("json counts the moments of a later attempt from the start of the call") {
    Report report = plain_https();
    AttemptReport second = report.legs[0].attempts[0];
    second.index = 1;
    second.timeline.started.tick += std::chrono::milliseconds(300);
    report.legs[0].attempts.push_back(second);
    const Json json = parse(report);
    const Json& attempt = json["legs"][0]["attempts"][1];
    CHECK(attempt["start_us"] == 300000);
    CHECK(attempt["phases"]["dns"]["start_us"] == 300000);
    CHECK(attempt["dials"][0]["start_us"] == 311800);
    CHECK(json["total_us"] == 520000);
  }
}

}  // namespace xtrace::cli::render_test
