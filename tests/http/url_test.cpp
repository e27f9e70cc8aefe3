#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/http.h>

namespace url_test {

using namespace xtrace;
using namespace std::string_literals;

namespace {

Url url_of(std::string_view text) {
  CAPTURE(text);
  Expected<Url> url = Url::parse(text);
  if (!url) FAIL(url.error().message);
  return std::move(url).value();
}

Error error_of(std::string_view text) {
  CAPTURE(text);
  Expected<Url> url = Url::parse(text);
  if (url) FAIL("accepted as " << url->full());
  return url.error();
}

std::string code_of(std::string_view text) {
  return std::string(to_string(error_of(text).code));
}

}  // namespace

TEST_SUITE("http/url") {
  TEST_CASE("an absolute URL is taken apart") {
    const Url url = url_of("HTTPS://User:pass@Example.COM:8443/a/b?c=d&e#part");
    CHECK(url.scheme() == "https");
    CHECK(url.is_https());
    CHECK(url.host() == "example.com");
    CHECK(!url.host_is_ip());
    CHECK(url.port() == 8443);
    CHECK(url.userinfo() == std::pair("User"s, "pass"s));
    CHECK(url.path() == "/a/b");
    CHECK(url.query() == "c=d&e");
    CHECK(url.target() == "/a/b?c=d&e");
    CHECK(url.authority() == "example.com:8443");
    CHECK(url.host_port() == "example.com:8443");
    CHECK(url.redacted() == "https://example.com:8443/a/b");
    CHECK(url.full() == "https://example.com:8443/a/b?c=d&e");
  }

  TEST_CASE("what is left out has its default") {
    const Url plain = url_of("http://h");
    CHECK(plain.port() == 80);
    CHECK(plain.path() == "/");
    CHECK(plain.query().empty());
    CHECK(!plain.userinfo());
    CHECK(plain.authority() == "h");
    CHECK(plain.host_port() == "h:80");
    CHECK(url_of("https://h:/").port() == 443);
    CHECK(url_of("https://h:443/").authority() == "h");
    CHECK(url_of("https://h:80/").authority() == "h:80");
    CHECK(url_of("http://h?q").target() == "/?q");
    CHECK(url_of("http://h?").target() == "/");
    CHECK(url_of("http://h#f").target() == "/");
  }

  TEST_CASE("a host without a scheme is http") {
    CHECK(url_of("example.com").full() == "http://example.com/");
    CHECK(url_of("Localhost:8080/x?u=http://y").full() == "http://localhost:8080/x?u=http://y");
    CHECK(url_of("[::1]:81").full() == "http://[::1]:81/");
    CHECK(url_of("127.0.0.1/a:b").full() == "http://127.0.0.1/a:b");
  }

  TEST_CASE("a user name without a scheme is refused, as mailto:a@b would be one") {
    CHECK(code_of("mailto:someone@example.com") == "invalid_url");
    CHECK(code_of("user:pw@example.com/") == "invalid_url");
    CHECK(url_of("example.com/@user").path() == "/@user");
  }

  TEST_CASE("only http and https are schemes") {
    CHECK(error_of("ftp://h/").message ==
          "the scheme \"ftp\" is not supported: only http and https are");
    CHECK(code_of("file:///etc/passwd") == "unsupported_scheme");
    CHECK(code_of("ws://h/") == "unsupported_scheme");
    CHECK(code_of("1http://h/") == "unsupported_scheme");
    CHECK(code_of("ht tp://h/") == "invalid_url");
    CHECK(code_of("://h/") == "invalid_url");
    CHECK(error_of("http:/h").message == "the URL has no // behind \"http:\"");
    CHECK(code_of("HTTPS:h") == "invalid_url");
  }

  TEST_CASE("there is a host") {
    for (const std::string text : {"http://", "http:///p", "http://:80/", "http://u:p@/",
                                   "http://?q", "/path", "//", "?q", "#f"}) {
      CHECK(error_of(text).message == "the URL has no host");
    }
    CHECK(error_of("").message == "the URL is empty");
  }

  TEST_CASE("a port is a number from 1 to 65535") {
    CHECK(url_of("http://h:1").port() == 1);
    CHECK(url_of("http://h:65535").port() == 65535);
    CHECK(url_of("http://h:0080").port() == 80);
    CHECK(error_of("http://h:70000/").message == "port 70000 is not between 1 and 65535");
    CHECK(error_of("http://h:65536").message == "port 65536 is not between 1 and 65535");
    CHECK(error_of("http://h:0").message == "port 0 is not between 1 and 65535");
    CHECK(error_of("http://h:" + std::string(30, '9')).message ==
          "port 99999999999999999999... is not between 1 and 65535");
    for (const std::string text : {"http://h:8x", "http://h:-1", "http://h:+1", "http://h: 80",
                                   "http://h:80:81", "http://[::1]x:80"}) {
      CHECK(code_of(text) == "invalid_url");
    }
  }

  TEST_CASE("IP literals are recognised and in their shortest form") {
    CHECK(url_of("http://127.0.0.1/").host_is_ip());
    const Url v6 = url_of("http://[2001:DB8:0:0:0:0:0:1]:8080/");
    CHECK(v6.host() == "2001:db8::1");
    CHECK(v6.host_is_ip());
    CHECK(v6.authority() == "[2001:db8::1]:8080");
    CHECK(v6.host_port() == "[2001:db8::1]:8080");
    CHECK(url_of("http://[::ffff:1.2.3.4]/").host() == "::ffff:1.2.3.4");
    CHECK(url_of("http://[::]").host() == "::");
    for (const std::string text : {"http://[::1", "http://::1/", "http://[]/", "http://[1.2.3.4]/",
                                   "http://[:::1]/", "http://[::g]/", "http://[::1]]/"}) {
      CHECK(code_of(text) == "invalid_url");
    }
    CHECK(code_of("http://[v1.x]/") == "invalid_host_name");
  }

  TEST_CASE("the zone of an IPv6 address is part of the host and not of the Host header") {
    for (const std::string text : {"http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/"}) {
      const Url url = url_of(text);
      CHECK(url.host() == "fe80::1%eth0");
      CHECK(url.host_is_ip());
      CHECK(url.authority() == "[fe80::1]");
      CHECK(url.host_port() == "[fe80::1%eth0]:80");
    }
    CHECK(code_of("http://[fe80::1%25a/b]/") == "invalid_url");
    CHECK(code_of("http://[fe80::1%25a b]/") == "invalid_url");
    CHECK(code_of("http://[fe80::1%25]/") == "invalid_url");
  }

  TEST_CASE("numbers that are not four decimal octets are refused, not guessed") {
    for (const std::string host : {"1", "127.1", "0x7f.1", "0x7F000001", "0177.0.0.1", "127.0.0.01",
                                   "256.1.1.1", "1.2.3.4.5", "127.0.0.1.", "1.2.3.0x", "a.1"}) {
      CHECK(code_of("http://" + host + "/") == "invalid_host_name");
    }
    CHECK(
        error_of("http://1/").message ==
        "the host name \"1\" is a number: write an IPv4 address as four decimal numbers, a.b.c.d");
    CHECK(url_of("http://1.com/").host() == "1.com");
    CHECK(url_of("http://1e100.net/").host() == "1e100.net");
  }

  TEST_CASE("a host name is lower case letters, digits, hyphens, underscores and dots") {
    CHECK(url_of("http://A-b_C.example./").host() == "a-b_c.example.");
    CHECK(url_of("http://xn--bcher-kva.example/").host() == "xn--bcher-kva.example");
    CHECK(url_of("http://%65x%41mple.com/").host() == "example.com");
    for (const std::string host : {"a..b", ".a", ".", "a b", "a%20b", "a%2Fb", "a%00b", "a%",
                                   "a%zz", "a\\b", "a!b", "a,b", "a*b", "a%0a", "a%3a80", "(a)"}) {
      CAPTURE(host);
      CHECK(code_of("http://" + host + "/") == "invalid_host_name");
    }
    CHECK(error_of("http://a b/").message == "the host name \"a b\" holds a space");
    CHECK(error_of("http://a%0Ab/").message == "the host name \"a?b\" holds a control character");
  }

  TEST_CASE("a label has at most 63 characters and a name 253") {
    const std::string label(63, 'a');
    CHECK(url_of("http://" + label + "/").host() == label);
    CHECK(code_of("http://" + label + "a/") == "invalid_host_name");
    const std::string name = label + "." + label + "." + label + "." + std::string(61, 'b');
    REQUIRE(name.size() == 253);
    CHECK(url_of("http://" + name + "/").host() == name);
    CHECK(url_of("http://" + name + "./").host() == name + ".");
    CHECK(code_of("http://" + name + "b/") == "invalid_host_name");
  }

  TEST_CASE("a host name that is not ASCII is refused with the way out") {
    const std::string expected =
        "the host name \"b\xc3\xbc"
        "cher.example\" is not ASCII: write it in its punycode form, "
        "each such label as xn--...";
    CHECK(error_of("http://b\xc3\xbc"
                   "cher.example/")
              .message == expected);
    CHECK(error_of("http://b%C3%BCcher.example/").message == expected);
    CHECK(code_of("http://b\xc3\xbc"
                  "cher.example/") == "invalid_host_name");
  }

  TEST_CASE("bytes that a URL may not hold are escaped and escapes are kept") {
    CHECK(url_of("http://h/a b\"<>\\^`{|}").path() == "/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D");
    CHECK(url_of("http://h/\xc3\xbc?\xff").target() == "/%C3%BC?%FF");
    CHECK(url_of("http://h/%2f%41%7e%00?%3d%26").target() == "/%2f%41%7e%00?%3d%26");
    CHECK(url_of("http://h/100%?5%x%4").target() == "/100%25?5%25x%254");
    CHECK(url_of("http://h/-._~!$&'()*+,;=:@").path() == "/-._~!$&'()*+,;=:@");
    CHECK(url_of("http://h/?a[]=/?:@").query() == "a%5B%5D=/?:@");
  }

  TEST_CASE("control characters are refused wherever they stand") {
    for (const std::string& text : {"http://h/\r\nX: y"s, "http://h/\t"s, "http://h/\0"s,
                                    "http://h\n/"s, "http://h/?a\x7f"s, "\nhttp://h/"s}) {
      CHECK(error_of(text).message == "the URL holds a control character");
    }
  }

  TEST_CASE("dot segments are removed") {
    const auto path = [](const std::string& text) { return url_of("http://h" + text).path(); };
    CHECK(path("/a/b/../c") == "/a/c");
    CHECK(path("/a/./b/.") == "/a/b/");
    CHECK(path("/a/b/..") == "/a/");
    CHECK(path("/../../x") == "/x");
    CHECK(path("/..") == "/");
    CHECK(path("/a//../b") == "/a/b");
    CHECK(path("//a//") == "//a//");
    CHECK(path("/.../..a/.b") == "/.../..a/.b");
    CHECK(path("/a/%2e%2e/b") == "/a/%2e%2e/b");
    CHECK(url_of("http://h/?x=/../y").query() == "x=/../y");
  }

  TEST_CASE("userinfo is decoded and ends at the last @") {
    CHECK(url_of("http://user@h/").userinfo() == std::pair("user"s, ""s));
    CHECK(url_of("http://u%40x:p%3Aw:2@h/").userinfo() == std::pair("u@x"s, "p:w:2"s));
    CHECK(url_of("http://u:p@ss@h/").userinfo() == std::pair("u"s, "p@ss"s));
    CHECK(url_of("http://u:50% \xc3\xbc@h/").userinfo() == std::pair("u"s, "50% \xc3\xbc"s));
    CHECK(!url_of("http://@h/").userinfo());
    CHECK(url_of("http://:p@h/").userinfo() == std::pair(""s, "p"s));
    CHECK(code_of("http://a%3Ab:c@h/") == "invalid_url");
    CHECK(code_of("http://a:b%0D%0A@h/") == "invalid_url");
  }

  TEST_CASE("neither what is recorded nor what is refused repeats userinfo or query") {
    const Url url = url_of("https://us3r:s3cret@h/p?token=s3cret");
    CHECK(url.redacted() == "https://h/p");
    CHECK(url.full() == "https://h/p?token=s3cret");
    for (const std::string text :
         {"http://us3r:s3cret@/", "http://us3r:s3cret@h:99999/", "http://us3r:s3cret@a..b/",
          "http://us3r:s3cret@[::g]/", "http://us3r:s3cret@h:x/", "us3r:s3cret@h/",
          "http://us3r:s3cret\n@h/", "http://us3r%3A:s3cret@h/", "ftp://us3r:s3cret@h/?s3cret",
          "http://a b/?s3cret", "http://us3r:s3cret/x@h/", "us3r:s3cret://h"}) {
      CAPTURE(text);
      const std::string message = error_of(text).message;
      CHECK(message.find("s3cret") == std::string::npos);
    }
  }
}

}  // namespace url_test
