#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/verb_check_report.h"
#include "golden.h"

namespace verb_check_render_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::microseconds;
using xtrace::testing::check_golden;

namespace {

CheckReport healthy() {
  CheckReport report;
  report.origin = "default";
  report.udp.state = UdpFinding::State::listening;
  report.udp.is_local = true;
  report.udp.address = "127.0.0.1:2000";
  report.udp.room = ReceiverRoom{.used = 0, .size = 212'992, .drops = 0};
  report.tcp.took = microseconds(1234);
  report.tcp.rules = 3;
  return report;
}

CheckReport refused() {
  CheckReport report;
  report.origin = "AWS_XRAY_DAEMON_ADDRESS";
  report.udp.state = UdpFinding::State::refused;
  report.udp.address = "127.0.0.1:2000";
  report.tcp.error = Error{Error::Code::connect_refused, Phase::connect, "long words"};
  return report;
}

CheckReport denied() {
  CheckReport report = healthy();
  report.udp.room = ReceiverRoom{.used = 4608, .size = 212'992, .drops = 17};
  report.tcp.error = Error{Error::Code::service_denied, Phase::response,
                           "POST /GetSamplingRules: 127.0.0.1:2000 answered with status 403, "
                           "UnrecognizedClientException: The security token \x1b[31mis invalid."};
  return report;
}

CheckReport remote() {
  CheckReport report;
  report.udp_endpoint = {.host = "xray.internal", .port = 2000};
  report.tcp_endpoint = {.host = "10.0.0.3", .port = 3000};
  report.origin = "/home/ann/.config/xtrace/config:4";
  report.home = "/home/ann";
  report.udp.state = UdpFinding::State::silent;
  report.udp.address = "10.0.0.2:2000";
  report.tcp.took = microseconds(38'000);
  report.tcp.rules = 1;
  report.tcp.ignored_rules = 2;
  return report;
}

CheckReport configured() {
  CheckReport report = healthy();
  report.shows_settings = true;
  report.home = "/home/ann";
  report.other_sink = "file:/tmp/trace.jsonl";
  const std::string own = "/home/ann/.config/xtrace/config";
  report.settings = {
      {.name = "emit", .value = "file:/tmp/trace.jsonl", .origin = "--emit"},
      {.name = "name", .value = "checkout", .origin = "AWS_XRAY_TRACING_NAME"},
      {.name = "name",
       .value = "mine",
       .origin = own + ":1",
       .overridden_by = "AWS_XRAY_TRACING_NAME"},
      {.name = "color", .value = "auto", .origin = "default"},
      {.name = "user", .value = "***", .origin = own + ":2"},
      {.section = "get", .name = "format", .value = "compact", .origin = "/src/shop/.xtracerc:3"},
      {.name = "user-agent", .value = "", .origin = own + ":3"},
      {.name = "metadata",
       .value = "{\"team\":\"payments and refunds\",\"cost\":[1,2,3,4,5,6,7,8,9,10,11,12]}",
       .origin = "/src/shop/.xtracerc:4"}};
  report.files = {{.kind = ConfigFile::Kind::user, .state = ConfigFile::State::read, .path = own},
                  {.kind = ConfigFile::Kind::project,
                   .state = ConfigFile::State::ignored,
                   .path = "/src/shop/.xtracerc",
                   .reason = "it belongs to another user"}};
  report.files.front().lines.resize(3);
  return report;
}

}  // namespace

TEST_SUITE("cli/verb_check_render") {
  TEST_CASE("what is found is told as it is known") {
    const Style plain;
    check_golden("check-ok.txt", render_check(healthy(), plain));
    check_golden("check-refused.txt", render_check(refused(), plain));
    check_golden("check-denied.txt", render_check(denied(), plain));
    check_golden("check-remote.txt", render_check(remote(), plain));
    check_golden("check-config.txt", render_check(configured(), plain));
    const Style rich{.color = true, .utf8 = true, .width = 100};
    check_golden("check-ok-color.txt", render_check(healthy(), rich));
    check_golden("check-denied-color.txt", render_check(denied(), rich));
    const Style narrow{.width = 40};
    check_golden("check-config-narrow.txt", render_check(configured(), narrow));
  }

  // Where a setting stands is never cut: it is there to be copied.
  TEST_CASE("no line is wider than the screen, and a pipe gets ASCII without colour") {
    for (const CheckReport& report : {healthy(), refused(), denied(), remote(), configured()}) {
      for (const int width : {40, 80, 132}) {
        Style style;
        style.width = width;
        std::istringstream lines(render_check(report, style));
        for (std::string line; std::getline(lines, line);) {
          CAPTURE(line);
          const bool holds_origin = width == 40 && line.find("/.") != std::string::npos;
          CHECK((line.size() <= static_cast<std::size_t>(width) || holds_origin));
          for (const char c : line) CHECK((c >= ' ' && c <= '~'));
        }
      }
    }
  }

  TEST_CASE("a daemon is there where documents arrive, as far as can be known") {
    CHECK(healthy().is_daemon_there());
    CHECK(denied().is_daemon_there());
    CHECK(remote().is_daemon_there());
    CHECK_FALSE(refused().is_daemon_there());
    CheckReport silent = remote();
    silent.tcp.error = Error{Error::Code::connect_timeout, Phase::connect, "late"};
    CHECK_FALSE(silent.is_daemon_there());
    CheckReport half = refused();
    half.tcp.error.reset();
    CHECK_FALSE(half.is_daemon_there());
    half.sends_by_tcp = true;
    CHECK(half.is_daemon_there());
    CheckReport deaf = healthy();
    deaf.tcp.error = Error{Error::Code::connect_refused, Phase::connect, "refused"};
    CHECK(deaf.is_daemon_there());
    deaf.sends_by_tcp = true;
    CHECK_FALSE(deaf.is_daemon_there());
  }

  TEST_CASE("json says the same with every key there") {
    const auto json = nlohmann::json::parse(render_check_json(configured()), nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json["schema"] == "xtrace.check/1");
    CHECK(json["is_there"] == true);
    CHECK(json["daemon"]["udp"]["state"] == "listening");
    CHECK(json["daemon"]["udp"]["buffer"]["size"] == 212'992);
    CHECK(json["daemon"]["tcp"]["rules"] == 3);
    CHECK(json["daemon"]["tcp"]["took_us"] == 1234);
    CHECK(json["daemon"]["tcp"]["error"].is_null());
    CHECK(json["settings"].size() == 8);
    CHECK(json["settings"][2]["overridden_by"] == "AWS_XRAY_TRACING_NAME");
    CHECK(json["settings"][5]["section"] == "get");
    CHECK(json["files"][1]["state"] == "ignored");
    CHECK(json["other_sink"] == "file:/tmp/trace.jsonl");
    const auto bad = nlohmann::json::parse(render_check_json(denied()), nullptr, false);
    CHECK(bad["daemon"]["tcp"]["state"] == "complains");
    CHECK(bad["daemon"]["tcp"]["rules"].is_null());
    CHECK(bad["daemon"]["tcp"]["error"]["code"] == "service_denied");
    CHECK(nlohmann::json::parse(render_check_json(refused()))["daemon"]["tcp"]["state"] ==
          "absent");
  }
}

}  // namespace verb_check_render_test
