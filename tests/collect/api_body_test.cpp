#include "collect/api_body.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/api_time.h"

namespace api_body_test {

using namespace xtrace;
using namespace xtrace::collect;

TEST_SUITE("collect/api_body") {
  TEST_CASE("members are read by their kind, and the first that is of another is told") {
    const std::string text =
        R"( {"a":"x\u0041","n":null,"c":2.0,"l":["p","q"],"t":1.5,"a":"last"} )";
    ApiBody body(text);
    CHECK(body.text("a") == "last");
    CHECK(body.text("n") == std::nullopt);
    CHECK(body.count("c") == 2);
    CHECK(body.texts("l") == std::vector<std::string>{"p", "q"});
    CHECK(body.time("t") == 1.5);
    CHECK(body.complaint() == std::nullopt);
    body.text("c");
    body.require("n");
    CHECK(body.complaint() == "c is a number, where a text is wanted.");
  }

  TEST_CASE("nothing is an empty object, and what is no object is told so") {
    const auto complaint = [](const std::string& text) {
      ApiBody body(text);
      return body.complaint().value_or("");
    };
    CHECK(complaint("").empty());
    CHECK(complaint(" \r\n").empty());
    CHECK(complaint("[]") == "The request's body is no JSON object.");
    CHECK(complaint("{\"a\":1").starts_with("The request's body is no JSON from byte 6 on:"));
    CHECK(complaint("{} x") == "The request's body has something behind the object.");
    CHECK(complaint(std::string("{}\0", 3)) ==
          "The request's body has something behind the object.");
    std::string many = "{\"a\":0";
    for (int i = 0; i < 64; ++i) many += ",\"a\":0";
    CHECK(complaint(many + "}") == "The request's body has too many members.");
  }

  TEST_CASE("a time is read as number or as ISO 8601, in any zone") {
    CHECK(parse_api_time("1800000000.25") == 1800000000.25);
    CHECK(parse_api_time("2027-01-15T08:00:00Z") == 1800000000);
    CHECK(parse_api_time("2027-01-15T09:00:00.5+01:00") == 1800000000.5);
    CHECK(parse_api_time("2027-01-15 00:30-0730") == 1800000000);
    CHECK(parse_api_time("2027-01-15T08:00:00") == 1800000000);
    CHECK(parse_api_time("2027-01-15") == 1799971200);
    CHECK(parse_api_time("1970-01-01T00:00Z") == 0);
    for (const char* text : {"", "x", "-1", "nan", "inf", "1e300", "2027-02-29", "2027-13-01",
                             "2027-01-15T24:00Z", "2027-01-15T08:60Z", "2027-01-15T08:00:00.Z",
                             "2027-01-15T08:00:00+25:00", "2027-01-15T08:00:00Zx", "1800000000s"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_api_time(text).has_value());
    }
  }
}

}  // namespace api_body_test
