#include "xray/wildcard.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/sampler.h>

#include "xray/fold_ranges.h"

namespace xtrace::wildcard_test {

namespace {

struct Vector {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

std::string repeat(std::string_view text, std::size_t count) {
  std::string result;
  for (; count > 0; --count) result += text;
  return result;
}

/// Numbers below `limit`, the same in every run.
class Dice {
 public:
  std::size_t roll(std::size_t limit) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8U) % limit;
  }

  std::string letters(std::string_view from, std::size_t count) {
    std::string text;
    for (; count > 0; --count) text += from[roll(from.size())];
    return text;
  }

 private:
  std::uint32_t state_ = 1;
};

/// `count` letters of abcd.
std::string scramble(std::size_t count) {
  return Dice().letters("abcd", count);
}

/// What a pattern means, told the slow way: for each beginning of the pattern, which beginnings of
/// the text it matches.
bool means(std::string_view pattern, std::string_view text) {
  std::vector<bool> matched(text.size() + 1, false);
  matched[0] = true;
  for (const char mark : pattern) {
    std::vector<bool> next(text.size() + 1, false);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (mark == '*') {
        next[i] = matched[i] || (i > 0 && next[i - 1]);
      } else if (i > 0) {
        next[i] = matched[i - 1] && (mark == '?' || mark == text[i - 1]);
      }
    }
    matched = std::move(next);
  }
  return matched.back();
}

constexpr Vector kVectors[] = {
    {"", "", true},
    {"", "whatever", false},
    {"*", "", true},
    {"?", "", false},
    {"foo", "FOO", true},
    {"foo", "bar", false},
    {"fo?", "foo", true},
    {"f?o", "boo", false},
    {"?o?", "foo", true},
    {"f??", "boo", false},
    {"*oo", "foo", true},
    {"fo*", "boo", false},
    {"foo*", "foo", true},
    {"foo*", "fo0", false},
    {"*o?", "foo", true},
    {"f?*", "boo", false},
    {"?at", "cat", true},
    {"????", "chevy", false},
    {"J*", "Jeep", true},
    {"abcd", "abc", false},
    {"*/foo", "/bar/foo", true},
    {"a*na*ha", "anananahahanahana", false},
    {"a*a*", "aaaaaaaaaaaaaaaaaaaaaaa", true},
    {"*???", "aa", false},
    {"**a**", "a", true},
    {"??", "a", false},
    {"a**b", "ab", true},
    {"?*?", "a", false},
    {"*?", "aaa", true},
    {"*?*a", "a", false},
    {"?*?", "aa", true},
    {"*.amazon.com", "moop.anazon.com", false},
    {"*?*", "a", true},
    {"amazon.*.com", "amazon.noop.org", false},
    {"*?*a*", "ba", true},
    {"moop*.*moop.com", "xraymoop.amazonmoop.com", false},
    {"?abc?def?", "1abc2def3", true},
    {"*.example.com", "example.com", false},
    {"*aaa*", "1aaa1", true},
    {"GET", "POST", false},
    {"*.*.com", "xray.amazon.org", false},
    {"É*", "éa", true},
    {"a?c", "aéc", true},
};

}  // namespace

TEST_SUITE("xray/wildcard") {
  TEST_CASE("patterns match as the SDKs' tests say, and a question mark takes a code point") {
    for (const Vector& each : kVectors) {
      CAPTURE(each.pattern);
      CAPTURE(each.text);
      CHECK(matches_wildcard(each.pattern, each.text) == each.matches);
    }
  }

  TEST_CASE("short patterns over two letters mean what they mean") {
    constexpr std::string_view kMarks = "ab?*";
    std::size_t cases = 0;
    for (std::size_t pattern_code = 0; pattern_code < 1024; ++pattern_code) {
      std::string pattern;
      for (std::size_t i = 0; i < 5; ++i) pattern += kMarks[(pattern_code >> (2 * i)) & 3U];
      for (std::size_t length = 0; length <= 6; ++length) {
        for (std::size_t code = 0; code < (std::size_t{1} << length); ++code, ++cases) {
          std::string text;
          for (std::size_t i = 0; i < length; ++i) text += kMarks[(code >> i) & 1U];
          if (matches_wildcard(pattern, text) == means(pattern, text)) continue;
          FAIL_CHECK(pattern << " against " << text);
        }
      }
    }
    CHECK(cases == 1024 * 127);
  }

  TEST_CASE("patterns and texts that repeat themselves mean what they mean") {
    Dice dice;
    int matching = 0;
    for (int i = 0; i < 3000; ++i) {
      // Mostly a: nearly every place begins well, and the search has to sweep.
      const std::string piece = dice.letters("aaaaaab?", dice.roll(90));
      const std::string pattern = "*" + piece + "*" + dice.letters("aaab?*", dice.roll(20)) + "*";
      const std::string text = dice.letters("aaaaaaaaab", 200 + dice.roll(200));
      const bool matches = matches_wildcard(pattern, text);
      matching += matches ? 1 : 0;
      if (matches != means(pattern, text)) FAIL_CHECK(pattern << " against " << text);
    }
    CHECK(matching > 300);
    CHECK(matching < 2700);
  }

  TEST_CASE("letters beyond ASCII match without case, whatever the locale") {
    CHECK(matches_wildcard("*ΣΊΣΥΦΟΣ?", "/σίσυφοσ/"));
    CHECK(matches_wildcard("straẞe*", "STRAßE 7"));
    CHECK(matches_wildcard("ПРИВЕТ", "привет"));
    CHECK(matches_wildcard("*Ǆ*", "xǆy"));
    CHECK(matches_wildcard("\xF0\x90\x90\x80", "\xF0\x90\x90\xA8"));  // Deseret long I
    CHECK_FALSE(matches_wildcard("é", "e"));
    CHECK_FALSE(matches_wildcard("*é*", "xyè"));
  }

  TEST_CASE("folding a letter twice is folding it once, and the ranges ascend") {
    char32_t last = 0x7F;
    for (const FoldRange& range : fold_ranges()) {
      REQUIRE(range.first > last);
      last = range.last;
      for (char32_t point = range.first; point <= range.last; point += range.stride) {
        if (fold_case(point) == point || fold_case(fold_case(point)) != fold_case(point)) {
          FAIL_CHECK(static_cast<std::uint32_t>(point));
        }
      }
    }
    CHECK(fold_case(0x130) == 0x130);  // dotted I: only a full folding changes it
    CHECK(fold_case(0x100) == 0x101);
    CHECK(fold_case(0x101) == 0x101);
  }

  TEST_CASE("a byte that is no UTF-8 is one character") {
    CHECK(matches_wildcard("a?c",
                           "a\xFF"
                           "c"));
    CHECK(matches_wildcard("a??c",
                           "a\xE2\x82"
                           "c"));
    CHECK_FALSE(matches_wildcard("a?c",
                                 "a\xE2\x82"
                                 "c"));
    CHECK(matches_wildcard("a\x80*", "a\x80"));
    CHECK_FALSE(matches_wildcard("a\x80*", "a\x81"));
    CHECK_FALSE(matches_wildcard("\xC3*", "é"));
    CHECK(matches_wildcard("*\xA9", "\xA9\xA9"));
    CHECK_FALSE(matches_wildcard("*\xA9", "é"));
    CHECK(matches_wildcard("*??", "é\xE9"));
    CHECK_FALSE(matches_wildcard("*???", "é\xE9"));
  }

  TEST_CASE("long patterns match: parts of more than a sweep, and many of them") {
    for (const std::size_t length : {63U, 64U, 65U, 127U, 128U, 129U, 400U}) {
      CAPTURE(length);
      const std::string part = scramble(length - 1) + "!";
      CHECK(matches_wildcard("*" + part + "*", scramble(900) + part + "tail"));
      CHECK_FALSE(matches_wildcard("*" + part + "?*", scramble(900) + part));
      CHECK(matches_wildcard("*" + repeat("?", length) + "*", part));
      CHECK_FALSE(matches_wildcard("*" + repeat("?", length + 1) + "*", part));
      CHECK(matches_wildcard("*" + part + "*" + part + "*", part + part));
      CHECK_FALSE(matches_wildcard("*" + part + "*" + part + "*", part + "x"));
    }
    CHECK(matches_wildcard("a*b", "a" + scramble(8192) + "b"));
    CHECK_FALSE(matches_wildcard("a*b", "a" + scramble(8192) + "c"));
    CHECK(matches_wildcard("*aab*", repeat("a", 8192) + "b"));
  }

  TEST_CASE("a pattern takes steps in proportion to the text, however it repeats") {
    const std::string patterns[] = {
        "a*b",
        repeat("a*", 64) + "b",
        repeat("*a", 60) + "*b*",
        "*" + repeat("a", 126) + "b*",
        "*" + repeat("a?", 62) + "b*",
        "*" + repeat("?", 126) + "b*",
        "*" + repeat("ab", 60) + "c*" + repeat("ab", 2) + "d*",
        "*" + repeat("é", 100) + "*aab?" + repeat("a", 90) + "c*",
    };
    for (const std::string& pattern : patterns) {
      CAPTURE(pattern);
      for (const std::string_view unit : {"a", "ab", "aaab"}) {
        const std::string text = repeat(unit, 65536 / unit.size());
        const std::size_t steps = run_wildcard(pattern, text).steps;
        CHECK(steps <= 6 * text.size() + 24 * pattern.size());
      }
    }
  }

  TEST_CASE("an unknown attribute passes every pattern") {
    CHECK(passes_pattern("GET", ""));
    CHECK(passes_pattern("", "GET"));
    CHECK(passes_pattern("*", "GET"));
    CHECK_FALSE(passes_pattern("GET", "PUT"));
  }
}

}  // namespace xtrace::wildcard_test
