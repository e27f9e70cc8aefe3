#include "xray/json_check.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace json_check_test {

using namespace xtrace;

namespace {

using Kind = CheckVerdict::Kind;

constexpr std::string_view kIds =
    R"("id":"00c0ffee00c0ffee","trace_id":"1-65a0b1c2-0123456789abcdef01234567")";
constexpr std::string_view kTimes = R"("start_time":1705030082.271,"end_time":1705030082.449)";

std::string with(std::string_view members) {
  return R"({"name":"orders",)" + std::string(kIds) + "," + std::string(kTimes) +
         (members.empty() ? "" : ",") + std::string(members) + "}";
}

/// A document whose only subsegment has these members besides its times.
std::string with_child(std::string_view members) {
  return with(R"("subsegments":[{)" + std::string(members) + "," + std::string(kTimes) + "}]");
}

/// What is wrong with a document that is JSON; empty where nothing is.
std::string complaint(const std::string& document, CheckRules rules = CheckRules::service) {
  const CheckVerdict verdict = check_document(document, {.rules = rules});
  if (verdict.kind == Kind::valid) {
    CHECK(verdict.length == document.size());
    return {};
  }
  REQUIRE(verdict.kind == Kind::refused);
  CHECK(verdict.length == document.size());
  return verdict.fault.message();
}

}  // namespace

TEST_SUITE("xray/json_check") {
  TEST_CASE("the smallest segment and the smallest lone subsegment are valid") {
    CHECK(complaint(with("")).empty());
    CHECK(complaint(R"({"name":"api.example.net","id":"0badcafe0badcafe",)"
                    R"("trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
                    R"("parent_id":"00c0ffee00c0ffee","type":"subsegment",)"
                    R"("start_time":1705030082.3,"in_progress":true})")
              .empty());
  }

  TEST_CASE("a document is told by the service's code, its field and the reason") {
    const std::pair<std::string, std::string> cases[] = {
        {"{}", R"(field "name": it is missing (MissingName))"},
        {R"({"name":"a"})", R"(field "id": it is missing (MissingId))"},
        {R"({"name":"a","id":"00c0ffee00c0ffee"})",
         R"(field "trace_id": it is missing (InvalidTraceId))"},
        {R"({"name":"a",)" + std::string(kIds) + "}",
         R"(field "start_time": it is missing (InvalidSegment))"},
        {R"({"name":"a",)" + std::string(kIds) + R"(,"start_time":1})",
         R"(field "end_time": it is missing, and in_progress is not true (MissingEndTime))"},
        {R"({"name":"a",)" + std::string(kIds) + R"(,"start_time":1,"in_progress":false})",
         R"(field "end_time": it is missing, and in_progress is not true (MissingEndTime))"},
        {with(R"("name":"")"), R"(field "name": it is empty (InvalidName))"},
        {with(R"("name":"a?b")"),
         R"(field "name": the character "?" is not allowed (InvalidName))"},
        {with(R"("name":"a\tb")"),
         R"(field "name": the character "?" is not allowed (InvalidName))"},
        {with(R"("name":"☃")"), "field \"name\": the character \"☃\" is not allowed (InvalidName)"},
        {with(R"("name":7)"), R"(field "name": a text is wanted, not a number (InvalidName))"},
        {with("\"name\":\"" + std::string(201, 'a') + "\""),
         R"(field "name": 201 characters, and 200 are allowed (InvalidName))"},
        {with(R"("id":"00c0ffee00c0ffe")"),
         R"(field "id": "00c0ffee00c0ffe": 15 hex digits instead of 16 (InvalidSegment))"},
        {with(R"("id":"00c0ffee00c0ffeg")"),
         R"(field "id": "00c0ffee00c0ffeg": "g" is no hex digit (InvalidSegment))"},
        {with(R"("id":12)"), R"(field "id": a text is wanted, not a number (InvalidSegment))"},
        {with(R"("trace_id":"1-65a0b1c2-0123456789abcdef0123456")"),
         R"(field "trace_id": "1-65a0b1c2-0123456789abcdef0123456": )"
         R"(it is not 1-, 8 hex digits, -, 24 hex digits (InvalidTraceId))"},
        {with(R"("trace_id":"4efaaf4d1e8720b39541901950019ee5")"),
         R"(field "trace_id": "4efaaf4d1e8720b39541901950019ee5": a W3C id is written )"
         R"(1-4efaaf4d-1e8720b39541901950019ee5 (InvalidTraceId))"},
        {with(R"("parent_id":"")"), R"(field "parent_id": it is empty (InvalidSegment))"},
        {with(R"("type":"subsegment")"),
         R"(field "parent_id": it is missing, and a subsegment that is sent alone needs it )"
         R"((InvalidSegment))"},
        {with(R"("start_time":"1705030082")"),
         R"(field "start_time": a number is wanted, not a text (InvalidSegment))"},
        {with(R"("end_time":-1)"), R"(field "end_time": -1 is no time (InvalidSegment))"},
        {with(R"("in_progress":"true")"),
         R"(field "in_progress": true or false is wanted, not a text (InvalidSegment))"},
        {with(R"("subsegments":{})"),
         R"(field "subsegments": an array is wanted, not an object (InvalidSegment))"},
        {with(R"("subsegments":[7])"),
         R"(field "subsegments[0]": an object is wanted, not a number (InvalidSegment))"},
        {with(R"("subsegments":[null])"),
         R"(field "subsegments[0]": an object is wanted, not null (InvalidSegment))"},
    };
    for (const auto& sample : cases) {
      CAPTURE(sample.first);
      CHECK(complaint(sample.first) == sample.second);
    }
  }

  TEST_CASE("a fault of a subsegment is told with the path to it") {
    CHECK(complaint(with_child(R"("name":"a")")) ==
          R"(field "subsegments[0].id": it is missing (MissingId))");
    CHECK(complaint(with(R"("subsegments":[{"name":"a","id":"00c0ffee00c0ffe1","start_time":1,)"
                         R"("end_time":2,"subsegments":[{"name":"b","id":"00c0ffee00c0ffe2",)"
                         R"("start_time":1,"end_time":2},{"name":"c","id":"00c0ffe",)"
                         R"("start_time":1,"end_time":2}]}])")) ==
          R"(field "subsegments[0].subsegments[1].id": "00c0ffe": )"
          R"(7 hex digits instead of 16 (InvalidSegment))");
  }

  TEST_CASE("what producers put into embedded subsegments is no fault") {
    // Go: the root's ids at any depth. Python: a type. Node: nulls.
    CHECK(complaint(with_child(R"("name":"a","id":"00c0ffee00c0ffe1","trace_id":"x",)"
                               R"("parent_id":null,"type":"subsegment","namespace":"local",)"
                               R"("Dummy":false,"http":{"response":{"content_length":"12"}})"))
              .empty());
    CHECK(complaint(with(R"("in_progress":false,"subsegments":null,"parent_id":null,"user":null)"))
              .empty());
  }

  TEST_CASE("names may hold letters, numbers and spaces of any script and the ten marks") {
    CHECK(complaint(with(R"("name":"GET /p_a.t:h%20&#=+\\-@ é福 ٣")")).empty());
    CHECK(complaint(with(R"("name":"\u798f\u0020\u00e9")")).empty());
    std::string wide = "\"name\":\"";
    for (int i = 0; i < 200; ++i) wide += "福";
    CHECK(complaint(with(wide + "\"")).empty());
    CHECK_FALSE(complaint(with(wide + "福\"")).empty());
  }

  TEST_CASE("a key counts however it is escaped, and the last of several wins") {
    CHECK(
        complaint(R"({"\u006eame":"orders",)" + std::string(kIds) + "," + std::string(kTimes) + "}")
            .empty());
    CHECK(complaint(with(R"("name":null)")).empty());
    CHECK(complaint(with(R"("\u0069d":"x")")) ==
          R"(field "id": "x": "x" is no hex digit (InvalidSegment))");
  }

  TEST_CASE("what is no JSON is told with its place") {
    const CheckVerdict verdict = check_document(R"({"name":"a",})");
    CHECK(verdict.kind == Kind::broken);
    CHECK(verdict.fault.offset == 12);
    CHECK(verdict.fault.message() == "a member's name is wanted (ParseError)");
    CHECK(check_document(R"({"start_time":NaN})").kind == Kind::broken);
  }

  TEST_CASE("a document ends where its bracket does, and all before that is incomplete") {
    const std::string document = with(R"("metadata":{"a":{"b":"}\"{[é"}},"error":false)");
    const std::string text = document + "{";
    for (std::size_t size = 0; size < document.size(); ++size) {
      CAPTURE(size);
      const CheckVerdict verdict = check_document(std::string_view(text).substr(0, size));
      CHECK(verdict.kind == Kind::incomplete);
    }
    CHECK(check_document(text).length == document.size());
    const std::string refused = R"({"name":"?"} {)";
    CHECK(check_document(refused).kind == Kind::refused);
    CHECK(check_document(refused).length == refused.size() - 2);
  }
}

}  // namespace json_check_test
