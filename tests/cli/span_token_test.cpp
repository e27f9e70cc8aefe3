#include "cli/span_token.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/base64url.h"

namespace span_token_test {

using namespace xtrace;
using namespace xtrace::cli;

namespace {

SpanRecord sample() {
  SpanRecord record;
  record.context.trace_id = TraceId::parse("1-6b00e7f1-4d1e0c6fb1a2c3d4e5f60718").value();
  record.context.id = SegmentId::parse("00c0ffee00c0ffee").value();
  record.name = "build & test";
  record.start = WallTime(std::chrono::microseconds(1'763'685'600'123'456));
  return record;
}

std::string token_of(const SpanRecord& record) {
  auto token = to_token(record);
  REQUIRE(token.has_value());
  return *token;
}

SpanRecord read(const std::string& token) {
  auto record = parse_token(token);
  if (const auto* error = record.if_error()) FAIL(error->message);
  return std::move(record).value();
}

std::string refusal(const std::string& token) {
  auto record = parse_token(token);
  const auto* error = record.if_error();
  return error == nullptr ? std::string() : error->message;
}

/// A token whose last part holds this JSON.
std::string token_with(const std::string& json) {
  const std::string token = token_of(sample());
  return token.substr(0, token.rfind('.') + 1) + to_base64url(json);
}

std::string replace(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_SUITE("cli/span_token") {
  TEST_CASE("a token reads back to the span it was made of") {
    SpanRecord record = sample();
    record.context.parent_id = SegmentId::parse("53995c3f42cd8ad8").value();
    record.context.is_sampled = false;
    record.context.passed_on.extra = {{"Lineage", "1:a87bd80c:0"}, {"Key", "a=b"}};
    record.context.passed_on.tracestate = "vendor=1";
    record.annotations = {{"shard", 3},        {"ratio", 0.25},     {"ok", true},
                          {"text", "\"q\"\n"}, {"minus", -7},       {"true_text", "true"},
                          {"umlaut", "ä"},     {"big", 1ULL << 63U}};
    record.metadata = {{"who", R"({"a":[1,null]})"}, {"", "1"}};
    const SpanRecord back = read(token_of(record));
    CHECK(back.context == record.context);
    CHECK(back.name == record.name);
    CHECK(back.start == record.start);
    REQUIRE(back.annotations.size() == record.annotations.size());
    for (std::size_t i = 0; i < back.annotations.size(); ++i) {
      CHECK(back.annotations[i].key == record.annotations[i].key);
      CAPTURE(back.annotations[i].key);
      CHECK(token_of(back) == token_of(record));
    }
    REQUIRE(back.metadata.size() == 2);
    CHECK(back.metadata[0].json == R"({"a":[1,null]})");
  }

  TEST_CASE("a token is one word in any shell") {
    SpanRecord record = sample();
    record.name = "a'b\"c $(d) `e`\\ *;\n\xff";
    const std::string token = token_of(record);
    CHECK(token.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-_.") == std::string::npos);
    CHECK(token.starts_with(
        "span1.1-6b00e7f1-4d1e0c6fb1a2c3d4e5f60718.00c0ffee00c0ffee.-.1.1763685600123456."));
  }

  TEST_CASE("whatever is no token is refused in a sentence that says what is wrong with it") {
    const std::string token = token_of(sample());
    const std::string begin = "the span token is not one of xtrace span begin: ";
    CHECK(refusal("") == begin + "it is empty");
    CHECK(refusal("build") == begin + "it does not begin with \"span1.\"");
    CHECK(refusal(replace(token, "span1", "span2")) == begin + "it does not begin with \"span1.\"");
    CHECK(refusal(token.substr(0, 60)) == begin + "it is cut short");
    CHECK(refusal(replace(token, "1-6b00", "2-6b00")) == begin + "its trace id is none");
    CHECK(refusal(replace(token, "1-6b00", "1-6B00")) == begin + "its trace id is none");
    CHECK(refusal(replace(token, "00c0ffee00c0ffee", "00c0ffee00c0ffe")) ==
          begin + "its span id is none");
    CHECK(refusal(replace(token, "00c0ffee00c0ffee", "0000000000000000")) ==
          begin + "its span id is none");
    CHECK(refusal(replace(token, ".-.", ".x.")) == begin + "its parent's id is none");
    CHECK(refusal(replace(token, ".1.17", ".2.17")) ==
          begin + "it does not say whether it is sampled");
    for (const char* start : {"", "-1", "0", "1e9", "9999999999999999999", "7258118400000001"}) {
      CHECK(refusal(replace(token, "1763685600123456", start)) == begin + "its start is no time");
    }
    CHECK(refusal(std::string(kMaxTokenBytes + 1, 'x')) == begin + "it is longer than 96 KiB");
  }

  TEST_CASE("a token that lost any of its end is refused") {
    const std::string token = token_of(sample());
    for (std::size_t length = 0; length < token.size(); ++length) {
      CAPTURE(length);
      CHECK_FALSE(refusal(token.substr(0, length)).empty());
    }
    CHECK_FALSE(refusal(token + "A").empty());
    CHECK_FALSE(refusal(token + ".").empty());
    CHECK_FALSE(refusal(token + "\n").empty());
  }

  TEST_CASE("the part in JSON holds what a token holds, and nothing else") {
    CHECK(refusal(token_with(R"({"name":"x"})")).empty());
    for (const std::string json :
         {R"([])", R"({})", R"({"name":""})", R"({"name":7})", R"({"name":"x","more":1})",
          R"({"name":"x","annotations":[]})", R"({"name":"x","annotations":{"a b":1}})",
          R"({"name":"x","annotations":{"a":null}})", R"({"name":"x","metadata":[]})",
          R"({"name":"x","extra":{"a":"b"}})", R"({"name":"x","extra":[["a"]]})",
          R"({"name":"x","extra":[["a",1]]})", R"({"name":"x","tracestate":1})",
          "{\"name\":\"x\""}) {
      CAPTURE(json);
      CHECK(refusal(token_with(json)).ends_with("its last part is damaged or cut short"));
    }
  }

  TEST_CASE("metadata nested without end is refused, not walked") {
    const std::string deep(20'000, '[');
    CHECK_FALSE(refusal(token_with(R"({"name":"x","metadata":{"m":)" + deep)).empty());
    const std::string closed = deep + std::string(20'000, ']');
    CHECK_FALSE(refusal(token_with(R"({"name":"x","metadata":{"m":)" + closed + "}}")).empty());
  }

  TEST_CASE("notes that no word can hold are refused") {
    SpanRecord record = sample();
    record.metadata = {{"log", "\"" + std::string(kMaxTokenBytes, 'x') + "\""}};
    const auto token = to_token(record);
    REQUIRE_FALSE(token.has_value());
    CHECK(token.error().message ==
          "the notes of the span build & test are too long for a token, which holds 96 KiB in all");
  }
}

TEST_SUITE("cli/base64url") {
  TEST_CASE("bytes of every length read back") {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
      const std::string text = to_base64url(bytes);
      CHECK(from_base64url(text) == bytes);
      bytes += static_cast<char>(i * 7);
    }
    CHECK(to_base64url("\xfb\xff") == "-_8");
  }

  TEST_CASE("what is not exactly base64url is refused") {
    for (const char* text : {"A", "AB==", "A+", "A/", "AB", "AAB", "AA A", "AAAAA"}) {
      CAPTURE(text);
      CHECK_FALSE(from_base64url(text).has_value());
    }
    CHECK(from_base64url("AA") == std::string(1, '\0'));
  }
}

}  // namespace span_token_test
