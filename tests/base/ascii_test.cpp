#include "base/ascii.h"

#include <doctest/doctest.h>

namespace xtrace::ascii_test {

TEST_SUITE("base/ascii") {
  TEST_CASE("letters and digits are those of ASCII and no others") {
    CHECK(is_alpha('a'));
    CHECK(is_alpha('Z'));
    CHECK(!is_alpha('@'));
    CHECK(!is_alpha('['));
    CHECK(!is_alpha('\xE9'));
    CHECK(is_hex_digit('F'));
    CHECK(!is_hex_digit('g'));
    CHECK(!is_digit(':'));
  }

  TEST_CASE("words are equal whatever their case, and only as a whole") {
    CHECK(same_word("Content-LENGTH", "content-length"));
    CHECK(same_word("", ""));
    CHECK(!same_word("Root", "Roo"));
    CHECK(!same_word("[", "{"));
  }

  TEST_CASE("spaces and tabs at both ends are trimmed, line ends are not") {
    CHECK(trim(" \tone two\t ") == "one two");
    CHECK(trim(" \t ").empty());
    CHECK(trim("\rone\n") == "\rone\n");
  }
}

}  // namespace xtrace::ascii_test
