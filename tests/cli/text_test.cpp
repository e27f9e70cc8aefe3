#include "cli/text.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

namespace xtrace::cli::text_test {

namespace {

constexpr Style kAscii{};
constexpr Style kUtf8{.utf8 = true};

}  // namespace

TEST_SUITE("cli/text") {
  TEST_CASE("control characters, C1 controls and invalid bytes are made visible") {
    CHECK(escape_for_terminal("a\x1b[2Jb", kUtf8) == "a\\x1b[2Jb");
    CHECK(escape_for_terminal("a\r\n\tb\x7f", kUtf8) == "a\\r\\n\\tb\\x7f");
    CHECK(escape_for_terminal(std::string_view("\0", 1), kUtf8) == "\\x00");
    CHECK(escape_for_terminal("\xc2\x9b", kUtf8) == "\\u{9b}");
    CHECK(escape_for_terminal("\xff\xc0\xaf", kUtf8) == "\\xff\\xc0\\xaf");
    CHECK(escape_for_terminal("\xe2\x82", kUtf8) == "\\xe2\\x82");
  }

  TEST_CASE("direction overrides and invisible characters are made visible") {
    CHECK(escape_for_terminal("\u202egnp", kUtf8) == "\\u{202e}gnp");
    CHECK(escape_for_terminal("a\u200bb\ufeff", kUtf8) == "a\\u{200b}b\\u{feff}");
  }

  TEST_CASE("letters of all the world stay on a UTF-8 terminal and are spelled out elsewhere") {
    CHECK(escape_for_terminal("m\u00fcnchen \u65e5", kUtf8) == "m\u00fcnchen \u65e5");
    CHECK(escape_for_terminal("m\u00fcnchen \u65e5", kAscii) == "m\\u{fc}nchen \\u{65e5}");
  }

  TEST_CASE("nothing that is escaped can steer a terminal") {
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
      std::string bytes;
      for (int k = 0; k < 12; ++k) bytes += static_cast<char>(random() % 256);
      const std::string ascii = escape_for_terminal(bytes, kAscii);
      REQUIRE(std::all_of(ascii.begin(), ascii.end(),
                          [](char byte) { return byte >= 0x20 && byte < 0x7f; }));
      const std::string utf8 = escape_for_terminal(bytes, kUtf8);
      REQUIRE(std::none_of(utf8.begin(), utf8.end(), [](char byte) {
        return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
      }));
      REQUIRE(escape_for_terminal(utf8, kUtf8) == utf8);
    }
  }

  TEST_CASE("widths count columns") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("\u2588\u258f") == 2);
    CHECK(display_width("\u65e5\u672c") == 4);
    CHECK(display_width("e\u0301") == 1);
  }

  TEST_CASE("a cut text ends in an ellipsis and never exceeds its width") {
    CHECK(cut_to_width("abcdef", 6, kAscii) == "abcdef");
    CHECK(cut_to_width("abcdefg", 6, kAscii) == "abc...");
    CHECK(cut_to_width("abcdefg", 6, kUtf8) == "abcde\u2026");
    CHECK(cut_to_width("\u65e5\u672c\u8a9e", 4, kUtf8) == "\u65e5\u2026");
    CHECK(cut_to_width("abcdefg", 2, kAscii) == "..");
    CHECK(cut_to_width("abcdefg", 0, kAscii).empty());
  }
}

}  // namespace xtrace::cli::text_test
