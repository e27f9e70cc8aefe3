#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <xtrace/http.h>

#include "http/url_text.h"

namespace url_resolve_test {

using namespace xtrace;

namespace {

Url url_of(std::string_view text) {
  const Expected<Url> url = Url::parse(text);
  REQUIRE(url);
  return *url;
}

std::string resolved(std::string_view base, std::string_view reference) {
  const Expected<Url> url = url_of(base).resolve(reference);
  return url ? url->full() : std::string(to_string(url.error().code));
}

struct Example {
  std::string_view reference;
  std::string_view target;
};

// RFC 3986 sections 5.4.1 and 5.4.2, base http://a/b/c/d;p?q, without the fragments.
constexpr std::array kRfcExamples = std::to_array<Example>({
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g/"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q"},
    {"g#s", "http://a/b/c/g"},
    {"g?y#s", "http://a/b/c/g?y"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/../x", "http://a/b/c/g"},
    {"g:h", "unsupported_scheme"},
    {"http:g", "invalid_url"},
});

}  // namespace

TEST_SUITE("http/url_resolve") {
  TEST_CASE("references resolve as RFC 3986 shows") {
    for (const Example& example : kRfcExamples) {
      CAPTURE(example.reference);
      CHECK(resolved("http://a/b/c/d;p?q", example.reference) == example.target);
    }
  }

  TEST_CASE("a reference may bring another host, port and scheme") {
    CHECK(resolved("https://a:8443/x", "//B:81/y") == "https://b:81/y");
    CHECK(resolved("http://a/x", "HTTPS://b/y?z#w") == "https://b/y?z");
    CHECK(resolved("http://a/x", "https://b") == "https://b/");
    CHECK(resolved("http://a/x", "http://[::1]:81") == "http://[::1]:81/");
  }

  TEST_CASE("what looks like host and port is a scheme") {
    CHECK(resolved("http://a/x", "localhost:8080/y") == "unsupported_scheme");
    CHECK(resolved("http://a/x", "mailto:someone@example.com") == "unsupported_scheme");
    CHECK(resolved("http://a/x", "javascript:alert(1)") == "unsupported_scheme");
    CHECK(resolved("http://a/x", "ftp://b/") == "unsupported_scheme");
    CHECK(resolved("http://a/x", "1a:b") == "http://a/1a:b");
    CHECK(resolved("http://a/x", "./c:d") == "http://a/c:d");
    CHECK(resolved("http://a/x", "?c:d") == "http://a/x?c:d");
  }

  TEST_CASE("bytes that a URL may not hold are escaped, and escapes stay") {
    CHECK(resolved("http://a/x", "b c/\xc3\xa4?d e[]=\"%20%") ==
          "http://a/b%20c/%C3%A4?d%20e%5B%5D=%22%20%25");
    CHECK(resolved("http://a/x", "/[b]|\\c") == "http://a/%5Bb%5D%7C%5Cc");
    CHECK(resolved("http://a/x", "\\\\b/c") == "http://a/%5C%5Cb/c");
    CHECK(resolved("http://a/x", "a@b") == "http://a/a@b");
  }

  TEST_CASE("a reference with a control character or without a host is refused") {
    for (const std::string_view reference :
         {"a\nb", "/\x01", "?\x7f", "//", "///", "http://", "http:///a", "//:80", "//a:99999"}) {
      CAPTURE(reference);
      CHECK(resolved("http://a/x", reference) == "invalid_url");
    }
    CHECK(resolved("http://a/x", "//\xc3\xa4/") == "invalid_host_name");
  }

  TEST_CASE("the userinfo stays with its origin") {
    const auto user_of = [](std::string_view reference) {
      const Expected<Url> url = url_of("http://user:pw@a:81/b/c").resolve(reference);
      REQUIRE(url);
      return url->userinfo() ? url->userinfo()->first + ":" + url->userinfo()->second : "";
    };
    for (const std::string_view reference : {"d", "/d", "", "?q", "//a:81/d", "http://A:81/"}) {
      CHECK(user_of(reference) == "user:pw");
    }
    for (const std::string_view reference :
         {"//a/", "//b:81/", "https://a:81/", "http://a.b:81/", "http://a:82/"}) {
      CHECK(user_of(reference) == "");
    }
    CHECK(user_of("//you:x@a:81/") == "you:x");
    CHECK(user_of("//you@b/") == "you:");
  }

  TEST_CASE("a path of an IPv6 base keeps the zone") {
    const Expected<Url> url = url_of("http://[fe80::1%25eth0]:81/a").resolve("/b");
    REQUIRE(url);
    CHECK(url->host() == "fe80::1%eth0");
    CHECK(url->full() == "http://[fe80::1]:81/b");
  }

  TEST_CASE("a reference names a host with two slashes or a scheme") {
    for (const std::string_view reference : {"//h", "http://h/", "x:y", "//"}) {
      CHECK(names_host(reference));
    }
    for (const std::string_view reference : {"", "/a", "a", "?x:y", "#x:y", "a/b:c", "1:2", ":x"}) {
      CHECK(!names_host(reference));
    }
  }
}

}  // namespace url_resolve_test
