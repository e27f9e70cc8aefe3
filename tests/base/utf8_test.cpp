#include "base/utf8.h"

#include <string>

#include <doctest/doctest.h>

namespace xtrace::utf8_test {

TEST_SUITE("base/utf8") {
  TEST_CASE("the first and last code point of every length are read") {
    struct Sample {
      std::string_view text;
      char32_t value;
    };
    for (const Sample& sample :
         {Sample{"\x7F", 0x7F}, Sample{"\xC2\x80", 0x80}, Sample{"\xDF\xBF", 0x7FF},
          Sample{"\xE0\xA0\x80", 0x800}, Sample{"\xED\x9F\xBF", 0xD7FF},
          Sample{"\xEE\x80\x80", 0xE000}, Sample{"\xEF\xBF\xBF", 0xFFFF},
          Sample{"\xF0\x90\x80\x80", 0x10000}, Sample{"\xF4\x8F\xBF\xBF", 0x10FFFF}}) {
      const CodePoint point = decode_utf8(sample.text);
      CHECK(point.is_valid);
      CHECK(point.value == sample.value);
      CHECK(point.length == sample.text.size());
    }
  }

  TEST_CASE("overlong forms, surrogates, values past the end and cut sequences are not valid") {
    struct Sample {
      std::string_view text;
      std::size_t length;
    };
    for (const Sample& sample :
         {Sample{"\x80", 1}, Sample{"\xC0\x80", 1}, Sample{"\xC1\xBF", 1},
          Sample{"\xE0\x80\x80", 1}, Sample{"\xED\xA0\x80", 1}, Sample{"\xF4\x90\x80\x80", 1},
          Sample{"\xF5\x80\x80\x80", 1}, Sample{"\xFF", 1}, Sample{"\xE2\x82", 2},
          Sample{"\xF0\x9F\x98", 3}, Sample{"\xE2\x82z", 2}, Sample{"\xC3", 1}}) {
      const CodePoint point = decode_utf8(sample.text);
      CHECK_FALSE(point.is_valid);
      CHECK(point.value == kReplacementCharacter);
      CHECK(point.length == sample.length);
    }
  }

  TEST_CASE("a cut by bytes never divides a code point") {
    const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";  // 1 + 2 + 3 + 4 + 1 bytes
    const std::size_t boundaries[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (std::size_t bytes = 0; bytes < 13; ++bytes) {
      CHECK(utf8_prefix(text, bytes).size() == boundaries[bytes]);
    }
    CHECK(utf8_prefix("\x80\x80\x80\x80\x80\x80", 4).size() == 4);
  }

  TEST_CASE("a cut by characters counts code points and broken sequences") {
    CHECK(utf8_first("\xC3\xA9\xE2\x82\xACz", 2) == "\xC3\xA9\xE2\x82\xAC");
    CHECK(utf8_first("\xFF\xFFz", 2) == "\xFF\xFF");
    CHECK(utf8_first("ab", 5) == "ab");
    CHECK(utf8_first("", 1).empty());
  }
}

}  // namespace xtrace::utf8_test
