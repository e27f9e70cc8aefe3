#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <xtrace/http.h>

namespace headers_test {

using namespace xtrace;

TEST_SUITE("http/headers") {
  TEST_CASE("names compare without case and keep their spelling and order") {
    Headers headers{{"Content-Type", "a"}, {"X-One", "1"}};
    headers.add("content-type", "b");
    CHECK(*headers.find("CONTENT-TYPE") == "a");
    CHECK(headers.contains("x-one"));
    CHECK(!headers.contains("x-on"));
    CHECK(headers.find("x-two") == nullptr);
    CHECK(headers == Headers{{"Content-Type", "a"}, {"X-One", "1"}, {"content-type", "b"}});
  }

  TEST_CASE("set replaces every field of the name by one, where the first stood") {
    Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}};
    headers.set("a", "5");
    CHECK(headers == Headers{{"a", "5"}, {"B", "2"}, {"C", "4"}});
    headers.set("D", "6");
    CHECK(headers == Headers{{"a", "5"}, {"B", "2"}, {"C", "4"}, {"D", "6"}});
  }

  TEST_CASE("remove takes every field of the name") {
    Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    headers.remove("A");
    CHECK(headers == Headers{{"B", "2"}});
    headers.remove("B");
    CHECK(headers.empty());
    CHECK(headers.size() == 0);
  }

  TEST_CASE("a field may be set or removed by its own name and value") {
    const std::string long_text(40, 'x');
    Headers headers{{long_text, "1"}, {"B", long_text}, {long_text, "2"}};
    headers.set(headers.begin()->name, (headers.begin() + 1)->value);
    CHECK(headers == Headers{{long_text, long_text}, {"B", long_text}});
    headers.remove(headers.begin()->name);
    CHECK(headers == Headers{{"B", long_text}});
  }

  TEST_CASE("only ASCII letters are equal without case") {
    CHECK(equals_ignoring_case("Host", "hOST"));
    CHECK(equals_ignoring_case("", ""));
    CHECK(!equals_ignoring_case("Host", "Hos"));
    CHECK(!equals_ignoring_case("[", "{"));
    CHECK(!equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
  }
}

}  // namespace headers_test
