#include "cli/verb_id.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/id_forms.h"
#include "get_run.h"
#include "support/lines.h"

namespace verb_id_test {

using namespace xtrace;
using namespace xtrace::cli;
using xtrace::testing::run;
using xtrace::testing::run_with_input;
using xtrace::testing::RunResult;

using xtrace::testing::lines_of;

namespace {

constexpr std::string_view kXray = "1-58406520-a006649127e371903a2de979";
constexpr std::string_view kW3c = "58406520a006649127e371903a2de979";
constexpr std::string_view kHeader =
    "Root=1-58406520-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr std::string_view kTraceparent = "00-58406520a006649127e371903a2de979-53995c3f42cd8ad8-01";

std::string line(std::string_view text) {
  return std::string(text) + "\n";
}

struct Row {
  std::string_view flag;
  std::string_view given;
  std::string_view result;
};

}  // namespace

TEST_SUITE("cli/verb_id") {
  TEST_CASE("an id that is made is new, whole and of this moment") {
    const RunResult done = run({"id", "-n", "1000"});
    CHECK(done.code == 0);
    CHECK(done.err.empty());
    const auto lines = lines_of(done.out);
    CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == 1000);
    const auto moment = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    for (const std::string& text : lines) {
      const auto id = TraceId::parse(text);
      REQUIRE(id);
      CHECK(id->text() == text);
      CHECK(moment - id->seconds() < 60);
    }
  }

  TEST_CASE("every form can be made") {
    CHECK(SegmentId::parse(lines_of(run({"id", "--segment"}).out).at(0)));
    CHECK(TraceId::parse(lines_of(run({"id", "--w3c"}).out).at(0)));
    CHECK(run({"id", "--w3c"}).out.size() == 33);
    const TraceHeader header = parse_trace_header(lines_of(run({"id", "--header"}).out).at(0));
    CHECK(header.root);
    CHECK(SegmentId::parse(header.parent));
    CHECK(header.sampled == Sampled::yes);
    const TraceHeader parent = parse_traceparent(lines_of(run({"id", "-p"}).out).at(0));
    CHECK(parent.root);
    CHECK(parent.sampled == Sampled::yes);
  }

  TEST_CASE("what is given becomes its counterpart, or the form that is asked for") {
    const auto rows = std::to_array<Row>({
        {"", kXray, kW3c},
        {"", kW3c, kXray},
        {"", " 1-58406520-A006649127E371903A2DE979\t", kW3c},
        {"", kHeader, kTraceparent},
        {"", kTraceparent, kHeader},
        {"",
         "X-Amzn-Trace-Id: Root=1-58406520-a006649127e371903a2de979; Sampled=0; "
         "Parent=53995c3f42cd8ad8",
         "00-58406520a006649127e371903a2de979-53995c3f42cd8ad8-00"},
        {"", "traceparent:00-58406520a006649127e371903a2de979-53995c3f42cd8ad8-01", kHeader},
        {"", "53995C3F42CD8AD8", "53995c3f42cd8ad8"},
        {"--xray", kXray, kXray},
        {"--w3c", kHeader, kW3c},
        {"--xray", kTraceparent, kXray},
        {"--segment", kHeader, "53995c3f42cd8ad8"},
        {"--segment", kTraceparent, "53995c3f42cd8ad8"},
        {"--time", kXray, "2016-12-01T18:00:00Z"},
        {"--time", kTraceparent, "2016-12-01T18:00:00Z"},
        {"--header", kHeader, kHeader},
        {"--header", "Root=1-58406520-a006649127e371903a2de979",
         "Root=1-58406520-a006649127e371903a2de979"},
        {"--sampled=0", kHeader, "00-58406520a006649127e371903a2de979-53995c3f42cd8ad8-00"},
        {"--sampled=?", kTraceparent,
         "Root=1-58406520-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=?"},
    });
    for (const Row& row : rows) {
      CAPTURE(row.flag);
      CAPTURE(row.given);
      const RunResult done =
          row.flag.empty() ? run({"id", row.given}) : run({"id", row.flag, row.given});
      CHECK(done.code == 0);
      CHECK(done.err.empty());
      CHECK(done.out == line(row.result));
    }
  }

  TEST_CASE("a traceparent that lacks a segment gets a new one, an undecided trace stays so") {
    const auto bare = parse_traceparent(lines_of(run({"id", "-p", kXray}).out).at(0));
    CHECK(bare.root->text() == kXray);
    CHECK(SegmentId::parse(bare.parent));
    CHECK(bare.sampled == Sampled::yes);
    const auto undecided =
        lines_of(run({"id", "Root=1-58406520-a006649127e371903a2de979"}).out).at(0);
    CHECK(undecided.ends_with("-00"));
  }

  TEST_CASE("json tells all forms at once") {
    const RunResult done =
        run({"id", "--json", "Root=1-58406520-a006649127e371903a2de979;Sampled=?;Lineage=1:a:0"});
    const auto json = nlohmann::json::parse(done.out, nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json["trace_id"] == kXray);
    CHECK(json["w3c"] == kW3c);
    CHECK(json["sampled"].is_null());
    CHECK(json["started_at"] == "2016-12-01T18:00:00Z");
    CHECK(json["tracestate"].get<std::string>().find("Lineage") != std::string::npos);
    const auto whole = nlohmann::json::parse(run({"id", "--json", kHeader}).out, nullptr, false);
    CHECK(whole["parent"] == "53995c3f42cd8ad8");
    CHECK(whole["sampled"] == true);
    CHECK(whole["header"] == kHeader);
    CHECK(whole["traceparent"] == kTraceparent);
    CHECK(whole["tracestate"].is_null());
  }

  TEST_CASE("lines of stdin are converted one by one, the last without its end too") {
    const std::string input =
        line(kXray) + "\r\n\n" + std::string(kW3c) + "\r\n" + std::string(kXray);
    const RunResult done = run_with_input(input, {"id", "-"});
    CHECK(done.code == 0);
    CHECK(done.out == line(kW3c) + line(kXray) + line(kW3c));
  }

  TEST_CASE("a great many lines come through whole") {
    std::string input;
    std::string expected;
    for (int i = 0; i < 5000; ++i) {
      input += line(i % 2 == 0 ? kXray : kW3c);
      expected += line(i % 2 == 0 ? kW3c : kXray);
    }
    CHECK(run_with_input(input, {"id", "-"}).out == expected);
  }

  TEST_CASE("what is no id is told with its place, and the rest is converted") {
    const RunResult words = run({"id", kXray, "nonsense", kW3c});
    CHECK(words.code == 2);
    CHECK(words.out == line(kW3c) + line(kXray));
    CHECK(words.err.starts_with("xtrace: id 2: "));
    CHECK(words.err.find("nonsense") == std::string::npos);
    const RunResult lines = run_with_input("a\n" + line(kXray), {"id", "-"});
    CHECK(lines.code == 2);
    CHECK(lines.out == line(kW3c));
    CHECK(lines.err.starts_with("xtrace: line 1 of stdin: "));
    const RunResult endless = run_with_input(std::string(200'000, 'a'), {"id", "-"});
    CHECK(endless.code == 2);
    CHECK(endless.err == "xtrace: line 1 of stdin is too long for an id\n");
  }

  TEST_CASE("a form that the id does not have is refused with the reason") {
    const auto rows = std::to_array<Row>({
        {"--w3c", "53995c3f42cd8ad8",
         "this is a segment id, which has one form only and names no trace"},
        {"--segment", kXray, "this names a trace and no segment of it"},
        {"--traceparent", "1-00000000-000000000000000000000000",
         "the zeros of a trace that is not recorded have no traceparent"},
        {"--traceparent", "Root=1-58406520-a006649127e371903a2de979;Parent=5399",
         "its Parent is no segment id of 16 hex digits, which a traceparent needs"},
        {"--segment", "Root=1-58406520-a006649127e371903a2de979;Parent=5399",
         "the Parent of this trace header is no segment id"},
        {"--w3c", "Parent=53995c3f42cd8ad8", "this trace header has no Root"},
        {"--w3c", "Root=nonsense", "the Root of this trace header is no trace id"},
        {"--xray", "ff-58406520a006649127e371903a2de979-53995c3f42cd8ad8-01",
         "this traceparent is none such as 00-<32 digits>-<16 digits>-01, in small letters"},
        {"--xray", "", "there is no id"},
    });
    for (const Row& row : rows) {
      CAPTURE(row.given);
      const RunResult done = run({"id", row.flag, row.given});
      CHECK(done.code == 2);
      CHECK(done.out.empty());
      CHECK(done.err == "xtrace: id: " + line(row.result));
    }
  }

  TEST_CASE("flags that make no sense together are refused in one sentence") {
    CHECK(run({"id", "--w3c", "--time"}).err == "xtrace id writes one form at a time\n");
    CHECK(run({"id", "-n", "2", kXray}).err ==
          "xtrace id makes new ids (-n) or converts those given, not both\n");
    for (const std::string_view count : {"0", "-1", "x", "1x", "", "1000001"}) {
      CAPTURE(count);
      CHECK(run({"id", "-n", count}).err ==
            "xtrace id --count: it is not a number from 1 to 1000000\n");
    }
    CHECK(run({"id", "--sampled", "2"}).err ==
          "xtrace id --sampled: \"2\" is not one of 0, 1 or ?\n");
  }
}

}  // namespace verb_id_test
