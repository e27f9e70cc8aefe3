#include "xray/json_stamp.h"

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace json_stamp_test {

using namespace xtrace;

namespace {

using Json = nlohmann::json;

constexpr double kNow = 1'800'000'000;

WallTime now_as_wall() {
  return WallTime{std::chrono::seconds(1'800'000'000)};
}

/// Checks, stamps, and checks again.
class Press {
 public:
  explicit Press(StampOptions options, CheckRules rules = CheckRules::service)
      : check_{.rules = rules, .sites = &sites_, .mends = options.mends},
        stamper_((options.now = now_as_wall(), options)) {}

  Json operator()(const std::string& document) {
    const CheckVerdict verdict = check_document(document, check_);
    REQUIRE(verdict.kind == CheckVerdict::Kind::valid);
    std::string out;
    stamper_.apply(document, verdict, sites_, out);
    CAPTURE(out);
    CHECK(check_document(out, {.rules = check_.rules}).kind == CheckVerdict::Kind::valid);
    return Json::parse(out, nullptr, false);
  }
  void begin_trace() { stamper_.begin_trace(); }

 private:
  std::vector<DocumentSite> sites_;
  CheckOptions check_;
  DocumentStamper stamper_;
};

const std::string kFirst =
    R"({"name":"a","id":"00000000000000a1","trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
    R"("start_time":1705030082.25,"end_time":1705030083.5,"metadata":{"id":"00000000000000a1"},)"
    R"("cause":{"exceptions":[{"id":"00000000000000e1"}]},"subsegments":[)"
    R"({"name":"b","id":"00000000000000B2","start_time":1705030082.75,"end_time":1705030083,)"
    R"("cause":"00000000000000e1","precursor_ids":["00000000000000a1"]}]})";
const std::string kSecond =
    R"({"name":"c","id":"00000000000000c3","trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
    R"("parent_id":"00000000000000b2","start_time":1705030090,"in_progress":true,)"
    R"("links":[{"trace_id":"1-65a0b1c2-0123456789abcdef01234567","id":"00000000000000a1"}]})";

}  // namespace

TEST_SUITE("xray/json_stamp") {
  TEST_CASE("new ids are the same for the same old ones, in every document") {
    Press press({.restamps = true});
    const Json first = press(kFirst);
    const Json second = press(kSecond);
    const Json& child = first.at("subsegments").at(0);
    CHECK(first.at("id") != "00000000000000a1");
    CHECK(first.at("id") != child.at("id"));
    CHECK(second.at("parent_id") == child.at("id"));
    CHECK(second.at("trace_id") == first.at("trace_id"));
    CHECK(second.at("trace_id") != "1-65a0b1c2-0123456789abcdef01234567");
    CHECK(second.at("links").at(0).at("trace_id") == first.at("trace_id"));
    CHECK(second.at("links").at(0).at("id") == first.at("id"));
    CHECK(child.at("cause") == first.at("cause").at("exceptions").at(0).at("id"));
    CHECK(child.at("precursor_ids").at(0) == first.at("id"));
    CHECK(first.at("metadata").at("id") == "00000000000000a1");

    Press other({.restamps = true});
    CHECK(other(kFirst).at("id") != first.at("id"));
  }

  TEST_CASE("the first document starts now and the others keep their distance") {
    Press press({.restamps = true});
    const Json first = press(kFirst);
    const Json second = press(kSecond);
    CHECK(first.at("start_time") == doctest::Approx(kNow).epsilon(1e-15));
    CHECK(first.at("end_time") == doctest::Approx(kNow + 1.25).epsilon(1e-15));
    CHECK(first.at("subsegments").at(0).at("start_time") ==
          doctest::Approx(kNow + 0.5).epsilon(1e-15));
    CHECK(second.at("start_time") == doctest::Approx(kNow + 7.75).epsilon(1e-15));
    const std::string trace_id = first.at("trace_id");
    // The trace began a quarter of a second before, in the second before now.
    CHECK(trace_id.substr(2, 8) == "6b49d1ff");
  }

  TEST_CASE("different ids stay different") {
    Press press({.restamps = true});
    std::set<std::string> ids;
    for (int i = 1; i <= 2000; ++i) {
      std::string digits = std::to_string(i);
      digits.insert(0, 16 - digits.size(), '0');
      std::string document = kSecond;
      document.replace(document.find("00000000000000c3"), 16, digits);
      ids.insert(press(document).at("id").get<std::string>());
    }
    CHECK(ids.size() == 2000);
  }

  TEST_CASE("the marks of what is not recorded stay") {
    Press press({.restamps = true});
    const Json made = press(R"({"name":"a","id":"0000000000000000","start_time":1,"end_time":2,)"
                            R"("trace_id":"1-00000000-000000000000000000000000"})");
    CHECK(made.at("id") == "0000000000000000");
    CHECK(made.at("trace_id") == "1-00000000-000000000000000000000000");
  }

  TEST_CASE("what is missing is filled in, with one trace for a whole file") {
    Press press({.mends = true});
    const Json first = press(R"({"start_time":1,"subsegments":[{"start_time":1}]})");
    CHECK(first.at("name") == "unknown");
    CHECK(first.at("in_progress") == true);
    const Json& child = first.at("subsegments").at(0);
    CHECK(child.at("id") != first.at("id"));
    CHECK_FALSE(child.contains("trace_id"));
    const Json second = press(R"({"name":null,"id":null,"trace_id":null,"start_time":1,)"
                              R"("in_progress":false})");
    CHECK(second.at("trace_id") == first.at("trace_id"));
    CHECK(second.at("id") != first.at("id"));
    CHECK(second.at("in_progress") == true);
    press.begin_trace();
    CHECK(press(R"({"start_time":1})").at("trace_id") != first.at("trace_id"));
  }

  TEST_CASE("what is wrong is replaced, alike wherever it stands") {
    Press press({.mends = true});
    const Json first =
        press(R"({"name":"a?\tb","id":"abc","trace_id":"4efaaf4d1e8720b39541901950019ee5",)"
              R"("start_time":1,"end_time":2,"metadata":{"d":{"x":[NaN,-Infinity,1]}}})");
    CHECK(first.at("name") == "ab");
    CHECK(first.at("trace_id") == "1-4efaaf4d-1e8720b39541901950019ee5");
    CHECK(first.at("metadata").at("d").at("x") == Json::parse("[null,null,1]"));
    const Json second =
        press(R"({"name":7,"id":"00000000000000a1","trace_id":"mine","parent_id":"abc",)"
              R"("start_time":1,"end_time":2})");
    CHECK(second.at("name") == "unknown");
    CHECK(second.at("id") == "00000000000000a1");
    CHECK(second.at("parent_id") == first.at("id"));
    const Json third =
        press(R"({"name":"c","id":"","trace_id":"mine","start_time":1,"end_time":2})");
    CHECK(third.at("trace_id") == second.at("trace_id"));
  }

  TEST_CASE("annotation keys are mended where the rules are strict") {
    Press press({.mends = true}, CheckRules::documented);
    const Json made = press(
        R"({"name":"a","id":"00000000000000a1","trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
        R"("start_time":1,"end_time":2,"annotations":{"a.b":1,"":2}})");
    CHECK(made.at("annotations") == Json::parse(R"({"a_b":1,"_":2})"));
  }

  TEST_CASE("what cannot be mended is still refused") {
    std::vector<DocumentSite> sites;
    const CheckOptions mends{.sites = &sites, .mends = true};
    for (const char* document :
         {"{}", R"({"start_time":NaN})", R"({"start_time":"now"})",
          R"({"start_time":1,"type":"subsegment"})", R"({"start_time":1,"subsegments":7})"}) {
      CAPTURE(document);
      CHECK(check_document(document, mends).kind == CheckVerdict::Kind::refused);
    }
  }
}

}  // namespace json_stamp_test
