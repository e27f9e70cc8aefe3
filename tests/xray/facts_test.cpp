#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/segment.h>

#include "xray/documents.h"

namespace xtrace::facts_test {

namespace {

using nlohmann::json;
using testing::only_document;

struct Outer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a segment with one subsegment records, the subsegment's part.
template <class Deed>
json recorded(Deed deed) {
  Segment segment = Segment::begin("orders");
  Subsegment call = segment.begin_subsegment("call");
  deed(call);
  return only_document(segment)["subsegments"][0];
}

}  // namespace

TEST_SUITE("xray/facts") {
  TEST_CASE("sql is recorded without its password and without empty fields") {
    const json call = recorded([](Subsegment& query) {
      query.set_sql({.url = "postgresql://ada:secret@db.internal:5432/shop?sslkey=x",
                     .sanitized_query = "SELECT * FROM orders WHERE id = ?",
                     .database_type = "PostgreSQL",
                     .user = "ada",
                     .preparation = "statement"});
      query.set_sql({.database_version = "15.3"});
    });
    CHECK(call["sql"] == json{{"url", "postgresql://db.internal:5432/shop"},
                              {"sanitized_query", "SELECT * FROM orders WHERE id = ?"},
                              {"database_type", "PostgreSQL"},
                              {"user", "ada"},
                              {"preparation", "statement"},
                              {"database_version", "15.3"}});
  }

  TEST_CASE("an AWS call is recorded in the aws block of its subsegment") {
    const json call = recorded([](Subsegment& query) {
      query.set_namespace(Namespace::aws);
      query.set_aws_call({.operation = "GetItem",
                          .region = "eu-west-1",
                          .request_id = "G7N",
                          .table_name = "orders",
                          .retries = 0});
      query.set_aws_json("table_names", "[\"orders\",\n\"items\"]");
    });
    CHECK(call["namespace"] == "aws");
    CHECK(call["aws"] == json{{"operation", "GetItem"},
                              {"region", "eu-west-1"},
                              {"request_id", "G7N"},
                              {"table_name", "orders"},
                              {"retries", 0},
                              {"table_names", {"orders", "items"}}});
  }

  TEST_CASE("a segment's own aws members stand beside xray's") {
    Segment segment = Segment::begin("orders");
    segment.set_aws_json("account_id", "\"123456789012\"");
    const json document = only_document(segment);
    CHECK(document["aws"]["account_id"] == "123456789012");
    CHECK(document["aws"]["xray"]["sdk"] == "X-Ray for C++");
  }

  TEST_CASE("precursors and links are lists of ids") {
    const SegmentId before = SegmentId::generate();
    const TraceId other = TraceId::generate(now().wall);
    const json call = recorded([&](Subsegment& step) {
      step.add_precursor(before);
      step.add_link({.trace_id = other, .id = before});
    });
    CHECK(call["precursor_ids"] == json::array({before.to_string()}));
    CHECK(call["links"] ==
          json::array({{{"trace_id", other.to_string()}, {"id", before.to_string()}}}));
  }

  TEST_CASE("an exception has its stack, and names the one that it wraps") {
    const json call = recorded([](Subsegment& step) {
      const std::vector<StackFrame> stack{{.path = "orders.cpp", .line = 17, .label = "place"},
                                          {.label = "main"}};
      const ExceptionFacts inner{
          .type = "io_error", .message = "connection reset", .origin = ExceptionOrigin::remote};
      const SegmentId id = step.add_exception(
          {.type = "order_error", .message = "not placed", .stack = stack, .cause = &inner});
      CHECK_FALSE(id.is_noop());
    });
    CHECK(call["fault"] == true);
    const json& exceptions = call["cause"]["exceptions"];
    REQUIRE(exceptions.size() == 2);
    CHECK(exceptions[0]["cause"] == exceptions[1]["id"]);
    CHECK(exceptions[0]["stack"] ==
          json::array(
              {{{"path", "orders.cpp"}, {"line", 17}, {"label", "place"}}, {{"label", "main"}}}));
    CHECK(exceptions[1]["remote"] == true);
    CHECK_FALSE(exceptions[1].contains("cause"));
  }

  TEST_CASE("frames past the 32nd are counted in the exception") {
    const json call = recorded([](Subsegment& step) {
      const std::vector<StackFrame> deep(40, StackFrame{.label = "f"});
      step.add_exception({.type = "t", .message = "m", .stack = deep});
    });
    const json& exception = call["cause"]["exceptions"][0];
    CHECK(exception["stack"].size() == 32);
    CHECK(exception["truncated"] == 8);
  }

  TEST_CASE("stacks too large for a document are cut to their innermost frames") {
    Segment segment = Segment::begin("orders");
    const std::string path(250, 'p');
    const std::vector<StackFrame> deep(32, StackFrame{.path = path, .line = 1, .label = path});
    for (int i = 0; i < 10; ++i) segment.add_exception({.type = "t", .stack = deep});
    const DocumentSet set = segment.documents();
    CHECK(set.counts.truncated == 1);
    const json document = json::parse(set.documents.at(0));
    const json& exception = document["cause"]["exceptions"][9];
    CHECK(exception["stack"].size() == 4);
    CHECK(exception["truncated"] == 28);
  }

  TEST_CASE("exceptions past the 32nd are counted in the last") {
    const json call = recorded([](Subsegment& step) {
      for (int i = 0; i < 35; ++i) step.add_exception("t", "m");
    });
    CHECK(call["cause"]["exceptions"].size() == 32);
    CHECK(call["cause"]["exceptions"][31]["skipped"] == 3);
    CHECK_FALSE(call["cause"]["exceptions"][30].contains("skipped"));
  }

  TEST_CASE("a C++ exception is recorded with those nested in it") {
    const json call = recorded([](Subsegment& step) {
      try {
        try {
          throw std::out_of_range("no such item");
        } catch (...) {
          std::throw_with_nested(Outer("order 17"));
        }
      } catch (const std::exception& exception) {
        step.add_exception(exception);
      }
    });
    const json& exceptions = call["cause"]["exceptions"];
    REQUIRE(exceptions.size() == 2);
    CHECK(exceptions[0]["type"].get<std::string>().find("Outer") != std::string::npos);
    CHECK(exceptions[0]["message"] == "order 17");
    CHECK(exceptions[1]["type"] == "std::out_of_range");
    CHECK(exceptions[1]["message"] == "no such item");
  }

  TEST_CASE("a cause may be an exception that was recorded deeper") {
    Segment segment = Segment::begin("orders");
    Subsegment call = segment.begin_subsegment("call");
    const SegmentId id = call.add_exception("io_error", "reset");
    segment.refer_to_exception(id);
    const json document = only_document(segment);
    CHECK(document["fault"] == true);
    CHECK(document["cause"] == id.to_string());
  }

  TEST_CASE("an aws member that was JSON may become a text") {
    const json call = recorded([](Subsegment& query) {
      query.set_aws_json("table_name", "[\"orders\"]");
      query.set_aws_call({.table_name = "items"});
    });
    CHECK(call["aws"]["table_name"] == "items");
  }

  TEST_CASE("a request of which only the user agent is known is recorded") {
    const json call =
        recorded([](Subsegment& step) { step.set_http_request({.user_agent = "u"}); });
    CHECK(call["http"]["request"] == json{{"user_agent", "u"}});
  }

  TEST_CASE("what other parsers take for JSON beyond JSON is a text") {
    Segment segment = Segment::begin("orders");
    segment.set_metadata_json("AWS.AWS.space", "mark", "\xEF\xBB\xBF{}");
    segment.set_metadata_json("AWS.AWS.space", "nul", std::string_view{"1\0}", 3});
    const DocumentSet set = segment.documents();
    const json document = json::parse(set.documents.at(0));
    CHECK(document["metadata"]["space"]["mark"] == "\xEF\xBB\xBF{}");
    CHECK(document["metadata"]["space"]["nul"] == std::string("1\0}", 3));
    CHECK(set.counts.corrected == 4);
  }

  TEST_CASE("metadata that is no JSON is recorded as a text and counted") {
    Segment segment = Segment::begin("orders");
    segment.set_metadata_json("", "broken", "{\"a\":");
    segment.set_metadata_json("", "endless", std::string(600, '5'));
    segment.set_metadata_json("", "whole", " {\"a\":[1,\r\n2]} ");
    const DocumentSet set = segment.documents();
    CHECK(set.counts.corrected == 2);
    const json document = json::parse(set.documents.at(0));
    CHECK(document["metadata"]["default"]["broken"] == "{\"a\":");
    CHECK(document["metadata"]["default"]["endless"] == std::string(600, '5'));
    CHECK(document["metadata"]["default"]["whole"] == json{{"a", {1, 2}}});
  }

  TEST_CASE("a value that is written over and over takes its last form, of any type") {
    const json call = recorded([](Subsegment& step) {
      step.annotate("key", "a long text that has to go somewhere");
      step.annotate("key", 1);
      step.annotate("key", "short");
      step.set_metadata("", "m", 2.5);
      step.set_metadata("", "m", std::string(5000, 'x'));
      step.set_metadata_json("", "m", "null");
    });
    CHECK(call["annotations"] == json{{"key", "short"}});
    CHECK(call["metadata"]["default"]["m"] == nullptr);
  }
}

}  // namespace xtrace::facts_test
