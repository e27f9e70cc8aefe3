#include "instrument/daemon_replies.h"

#include <array>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace xtrace::daemon_replies_test {

TEST_SUITE_BEGIN("instrument/daemon_replies");

TEST_CASE("documents travel as an array of strings and come out as they went in") {
  const std::array<std::string_view, 3> documents = {R"({"name":"a\"b"})", "", "{\"u\":\"é\n\"}"};
  const auto json = nlohmann::json::parse(write_segments_request(documents));
  REQUIRE(json.size() == 1);
  const auto& array = json.at("TraceSegmentDocuments");
  REQUIRE(array.size() == documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i) CHECK(array[i] == documents[i]);
}

TEST_CASE("a reply lists the documents that were not accepted") {
  const auto verdicts = parse_segments_reply(R"({"UnprocessedTraceSegments":[
      {"Id":"00c0ffee00c0ffee","ErrorCode":"InvalidTraceId","Message":"Invalid segment."},
      {"Id":null,"ErrorCode":"ParseError"}, {}]})");
  REQUIRE(verdicts.has_value());
  REQUIRE(verdicts->size() == 3);
  CHECK((*verdicts)[0] == DocumentVerdict{.id = "00c0ffee00c0ffee",
                                          .code = "InvalidTraceId",
                                          .message = "Invalid segment."});
  CHECK((*verdicts)[1] == DocumentVerdict{.code = "ParseError"});
  CHECK((*verdicts)[2] == DocumentVerdict{});
}

TEST_CASE("a reply without a list accepts everything") {
  for (const char* text :
       {"{}", R"({"UnprocessedTraceSegments":null})", R"({"UnprocessedTraceSegments":[]})"}) {
    const auto verdicts = parse_segments_reply(text);
    REQUIRE(verdicts.has_value());
    CHECK(verdicts->empty());
  }
}

TEST_CASE("what is no reply acknowledges nothing") {
  for (const char* text : {"", "{", "[]", "null", R"({"UnprocessedTraceSegments":{}})",
                           R"({"UnprocessedTraceSegments":["x"]})"}) {
    CAPTURE(text);
    const auto verdicts = parse_segments_reply(text);
    REQUIRE_FALSE(verdicts.has_value());
    CHECK(verdicts.if_error()->code == Error::Code::invalid_reply);
    CHECK(verdicts.if_error()->message.starts_with("the reply to /TraceSegments "));
  }
}

TEST_CASE("a complaint is read from the header or from the body and is fit for a sentence") {
  Response response{.status = 400};
  response.headers.add("x-amzn-errortype", "ThrottledException:http://internal.amazon.com/x");
  response.body = R"({"message":")" + std::string(2000, 'm') + "\"}";
  const ServiceComplaint complaint = read_complaint(response);
  CHECK(complaint.type == "ThrottledException");
  CHECK(complaint.is_throttling());
  CHECK(complaint.message.size() == 500);
  CHECK_FALSE(read_complaint(Response{.status = 502}).is_throttling());
}

TEST_CASE("a document that makes the service refuse everything is named by its id") {
  const Error error{Error::Code::service_refused, Phase::response, "too bad"};
  CHECK(refusal_verdict(R"({"id":"00c0ffee00c0ffee"})", error) ==
        DocumentVerdict{.id = "00c0ffee00c0ffee", .code = "service_refused", .message = "too bad"});
  CHECK(refusal_verdict("no JSON", error).id.empty());
}

TEST_SUITE_END();

}  // namespace xtrace::daemon_replies_test
