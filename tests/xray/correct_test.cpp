#include "xray/correct.h"

#include <doctest/doctest.h>

#include <xtrace/segment.h>

namespace xtrace::correct_test {

namespace {

std::string repeated(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

}  // namespace

TEST_SUITE("xray/correct") {
  TEST_CASE("a name keeps the documented characters and loses the others") {
    struct Sample {
      std::string_view name;
      std::string_view kept;
    };
    for (const Sample& sample :
         {Sample{"a?b", "ab"}, Sample{"a|b", "ab"}, Sample{"GET /p?q=1", "GET /pq=1"},
          Sample{"\xE7\xA6\x8F", "\xE7\xA6\x8F"}, Sample{"DB*()!", "DB"},
          Sample{"127.0.0.1:8080", "127.0.0.1:8080"}, Sample{"a_.:/%&#=+\\-@z", "a_.:/%&#=+\\-@z"},
          Sample{"a\tb\nc", "abc"}, Sample{"a\xFF\x80z", "az"},
          Sample{"\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9"},
          Sample{"x\xF0\x9F\x98\x80y", "xy"},              // an emoji is a symbol
          Sample{"\xF0\xA0\x80\x80", "\xF0\xA0\x80\x80"},  // U+20000, a letter past 16 bits
          Sample{"\xD9\xA3", "\xD9\xA3"},                  // an Arabic digit
          Sample{"a\xC2\xA0z", "a\xC2\xA0z"},              // a no-break space
          Sample{"e\xCC\x81", "e"}}) {                     // a combining accent
      const Corrected corrected = correct_name(sample.name);
      CHECK(corrected.text == sample.kept);
      CHECK(corrected.is_changed == (sample.name != sample.kept));
    }
  }

  TEST_CASE("a name has at most 200 code points") {
    CHECK(correct_name(repeated("a", 300)).text == repeated("a", 200));
    CHECK_FALSE(correct_name(repeated("a", 200)).is_changed);
    const std::string letter = "\xE7\xA6\x8F";
    CHECK(correct_name(repeated(letter, 201)).text == repeated(letter, 200));
    CHECK(correct_name(repeated("?", 300) + "a").text == "a");
  }

  TEST_CASE("a name of which nothing is left is unknown") {
    for (const std::string_view name : {"", "***", "  ", "\xFF"}) {
      CHECK(correct_name(name).text == "unknown");
      CHECK(correct_name(name).is_changed);
    }
  }

  TEST_CASE("an annotation key is mended") {
    CHECK(correct_annotation_key("http.status-code").text == "http_status_code");
    CHECK(correct_annotation_key("\xC3\xA9t\xC3\xA9").text == "_t_");
    CHECK(correct_annotation_key(repeated("a", 501)).text == repeated("a", 500));
    CHECK_FALSE(correct_annotation_key("Az_09").is_changed);
    CHECK(is_annotation_key("Az_09"));
    CHECK(is_annotation_key(repeated("a", 500)));
    CHECK_FALSE(is_annotation_key(repeated("a", 501)));
    CHECK_FALSE(is_annotation_key(""));
    CHECK_FALSE(is_annotation_key("a.b"));
  }

  TEST_CASE("a URL is recorded without userinfo, query and fragment") {
    CHECK(strip_secrets("https://amazon.com/page?a=b") == "https://amazon.com/page");
    CHECK(strip_secrets("http://user:pw@127.0.0.1:80/a@b#c") == "http://127.0.0.1:80/a@b");
    CHECK(strip_secrets("http://u:p@ss@h?x@y") == "http://h");
    CHECK(strip_secrets("http://h/a:b@c/?q=u@v") == "http://h/a:b@c/");
    CHECK(strip_secrets("//user:pw@h/x") == "//h/x");
    CHECK(strip_secrets("/path?q") == "/path");
    CHECK(strip_secrets("user:pw@h:1/x") == "h:1/x");
    CHECK(strip_secrets("").empty());
  }

  TEST_CASE("a status stands for the flags of X-Ray") {
    for (const int status : {0, 100, 200, 302, 399, 600}) CHECK(flags_of_status(status) == Flags{});
    for (const int status : {400, 401, 403, 404, 499}) {
      CHECK(flags_of_status(status) == Flags{.error = true});
    }
    CHECK(flags_of_status(429) == Flags{.error = true, .throttle = true});
    for (const int status : {500, 503, 544, 599}) {
      CHECK(flags_of_status(status) == Flags{.fault = true});
    }
  }
}

}  // namespace xtrace::correct_test
