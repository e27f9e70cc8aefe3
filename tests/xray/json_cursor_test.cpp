#include "xray/json_cursor.h"

#include <string>

#include <doctest/doctest.h>

#include "xray/json_accept.h"

namespace json_cursor_test {

using namespace xtrace;

namespace {

using Stop = JsonCursor::Stop;

/// Reads one value and the space around it; a comma behind it tells a number's end.
Stop read(std::string_view json) {
  const std::string text = "[" + std::string(json) + "]";
  JsonCursor cursor(text);
  cursor.skip_value();
  return cursor.stop();
}

std::string reason(std::string_view json) {
  const std::string text = "[" + std::string(json) + "]";
  JsonCursor cursor(text);
  cursor.skip_value();
  return std::string(cursor.reason());
}

std::string nest(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_SUITE("xray/json_cursor") {
  TEST_CASE("a value is taken exactly where nlohmann takes it") {
    const char* const texts[] = {"0",
                                 "-0",
                                 "-",
                                 "01",
                                 "-01",
                                 "1.",
                                 ".5",
                                 "1.5",
                                 "1e",
                                 "1e5",
                                 "1E+5",
                                 "1e-5",
                                 "1e+",
                                 "1.e5",
                                 "1e308",
                                 "1e309",
                                 "-1e400",
                                 "1e-400",
                                 "0e999999999999",
                                 "1e99999999999999999999",
                                 "0.0000001e315",
                                 "+1",
                                 "0x1",
                                 "1 2",
                                 "true",
                                 "tru",
                                 "True",
                                 "null",
                                 "nul",
                                 "nullx",
                                 "NaN",
                                 "Infinity",
                                 "-Infinity",
                                 "{}",
                                 "[]",
                                 "{]",
                                 "[}",
                                 "[1,]",
                                 "[,1]",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{,\"a\":1}",
                                 "{\"a\":1 \"b\":2}",
                                 "{a:1}",
                                 "{\"a\":1}",
                                 "{\"a\":{\"b\":[]}}",
                                 "\"\"",
                                 "\"a",
                                 "\"\\n\"",
                                 "\"\\x\"",
                                 "\"\\u00e9\"",
                                 "\"\\u00g9\"",
                                 "\"\\u00\"",
                                 "\"\\ud83d\\ude00\"",
                                 "\"\\ud83d\"",
                                 "\"\\ude00\"",
                                 "\"\\ud83d\\u0041\"",
                                 "\"\\ud83dx\"",
                                 "\"\\ud83d\\ud83d\"",
                                 "\"\n\"",
                                 "\"\t\"",
                                 "\"\x7f\"",
                                 "\"\xc3\xa9\"",
                                 "\"\xc3\"",
                                 "\"\xc0\xaf\"",
                                 "\"\xed\xa0\x80\"",
                                 "\"\xf4\x90\x80\x80\"",
                                 "\"\xf0\x9f\x98\x80\"",
                                 "\"12345678\x80\"",
                                 "\"1234567\\\"8\"",
                                 " \t\r\n 1 ",
                                 "\f1",
                                 "'a'",
                                 "1//",
                                 "",
                                 "[[]",
                                 "]"};
    for (const std::string text : texts) {
      CAPTURE(text);
      const bool is_valid = read(text) == Stop::none;
      // A bracket too many ends our array, and what follows is not looked at.
      if (text != "]" && text != "1 2") CHECK(is_valid == is_json("[" + text + "]"));
    }
    CHECK(read(std::string("\"a\0b\"", 5)) == Stop::broken);
    CHECK(read("1 2") == Stop::broken);
    CHECK(read(std::string(400, '9')) == Stop::broken);
    CHECK(read(std::string(300, '9')) == Stop::none);
    CHECK(read("0." + std::string(400, '0') + "1") == Stop::none);
  }

  TEST_CASE("every beginning of a valid text is incomplete and none is broken") {
    const std::string text =
        "{\"a\\u00e9\\ud83d\\ude00\":[1.5e-3,-0,true,false,null,\"\xf0\x9f\x98\x80\\\\\"],\"b\":{}"
        "}";
    for (std::size_t size = 0; size < text.size(); ++size) {
      CAPTURE(size);
      JsonCursor cursor(std::string_view(text).substr(0, size));
      CHECK_FALSE(cursor.skip_value());
      CHECK(cursor.stop() == Stop::incomplete);
    }
    JsonCursor cursor(text);
    CHECK(cursor.skip_value());
    CHECK(cursor.offset() == text.size());
  }

  TEST_CASE("512 containers in each other are read and 513 are refused") {
    const std::string deep = nest(JsonCursor::kMaxDepth);
    JsonCursor fits(deep);
    CHECK(fits.skip_value());
    CHECK(reason(deep) == "it is nested more than 512 deep");

    std::size_t depth = 0;
    const std::string deeper = nest(JsonCursor::kMaxDepth + 1);
    JsonCursor walked(deeper);
    const auto walk = [&walked, &depth](const auto& self) -> bool {
      ++depth;
      return walked.array([&self](std::size_t) { return self(self); });
    };
    CHECK_FALSE(walk(walk));
    CHECK(walked.stop() == Stop::broken);
    CHECK(depth == JsonCursor::kMaxDepth + 1);
  }

  TEST_CASE("a reason names what is wrong") {
    CHECK(reason("\"a\nb\"") == "a text has no end on its line");
    CHECK(reason("\"a\x01\"") == "a text holds a control character");
    CHECK(reason("\"\xff\"") == "a text is not UTF-8");
    CHECK(reason("\"\\ude00\"") == "a text has the second half of a pair alone");
    CHECK(reason("\"\\ud83d\"") == "a text has the first half of a pair alone");
    CHECK(reason("\"\\u12\"") == "a text has \\u without four hex digits");
    CHECK(reason("01") == "a number begins with 0");
    CHECK(reason("1e999") == "a number is larger than a double holds");
    CHECK(reason("NaN") == "NaN and Infinity are no JSON");
    CHECK(reason("{\"a\" 1}") == "a colon is wanted");
    CHECK(reason("{\"a\":1 2}") == "a comma or the object's end is wanted");
    CHECK(reason("{1}") == "a member's name is wanted");
    CHECK(reason("x") == "a value is wanted");
  }

  TEST_CASE("NaN and infinities are noted where they are wanted") {
    const std::string text = "[NaN, 1, -Infinity,Infinity]";
    std::vector<TextSpan> spans;
    JsonCursor cursor(text);
    cursor.collect_non_numbers(&spans);
    CHECK(cursor.skip_value());
    REQUIRE(spans.size() == 3);
    CHECK(text.substr(spans[0].begin, spans[0].end - spans[0].begin) == "NaN");
    CHECK(text.substr(spans[1].begin, spans[1].end - spans[1].begin) == "-Infinity");
    CHECK(text.substr(spans[2].begin, spans[2].end - spans[2].begin) == "Infinity");
  }

  TEST_CASE("a text means what its escapes stand for") {
    const std::string json = R"("\u006eam\u0065 \"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00")";
    JsonCursor cursor(json);
    const std::optional<JsonText> text = cursor.string();
    REQUIRE(text);
    CHECK(text->has_escapes);
    CHECK(text->decode() == "name \"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    CHECK(JsonText{"\\u006eame", true}.means("name"));
    CHECK_FALSE(JsonText{"\\u006eame", true}.means("\\u006eame"));
    CHECK(JsonText{"name", false}.means("name"));
  }

  TEST_CASE("a cursor that stopped stays stopped") {
    JsonCursor cursor("[x, 1]");
    CHECK_FALSE(cursor.skip_value());
    CHECK_FALSE(cursor.number().has_value());
    CHECK_FALSE(cursor.string().has_value());
    CHECK_FALSE(cursor.boolean().has_value());
    CHECK_FALSE(cursor.null());
    CHECK(cursor.offset() == 1);
  }
}

}  // namespace json_cursor_test
