#include "client/proxy_rules.h"

#include <string>

#include <doctest/doctest.h>

namespace xtrace::proxy_rules_test {

namespace {

Url url(std::string_view text) {
  return Url::parse(text).value();
}

ProxyRules rules(const ProxyConfig& config) {
  Expected<ProxyRules> made = ProxyRules::make(config);
  REQUIRE(made.has_value());
  return *made;
}

// The proxy that is chosen, or "direct".
std::string chosen(const ProxyConfig& config, std::string_view target) {
  const ProxyRules made = rules(config);
  const Proxy* proxy = made.choose(url(target));
  return proxy == nullptr ? "direct" : proxy->redacted();
}

bool is_direct(std::string_view no_proxy, std::string_view target) {
  return chosen({.http = "p.test", .https = "p.test", .no_proxy = std::string(no_proxy)}, target) ==
         "direct";
}

// The list that golang.org/x/net/http/httpproxy is tested with, more or less.
constexpr std::string_view kList =
    "example.com, .sub.only.test ,*.star.test,10.1.2.3,10.9.8.7:8080,192.168.0.0/16,"
    "2001:db8::1,[2001:db8::2]:443,2001:db8:77::/48,port.test:81,UPPER.test,,  ,:80,a.test:http,"
    "10.0.0.0/99,a:b:c";

}  // namespace

TEST_SUITE("client/proxy_rules") {
  TEST_CASE("a proxy is chosen by the scheme of the URL") {
    const ProxyConfig config{.http = "a.test:1", .https = "socks5://b.test:2"};
    CHECK(chosen(config, "http://x.test/") == "http://a.test:1");
    CHECK(chosen(config, "https://x.test/") == "socks5://b.test:2");
  }

  TEST_CASE("an https URL never takes the proxy of http") {
    CHECK(chosen({.http = "a.test:1"}, "https://x.test/") == "direct");
    CHECK(chosen({.https = "a.test:1"}, "http://x.test/") == "direct");
  }

  TEST_CASE("the fallback serves what has no proxy of its own") {
    const ProxyConfig config{.https = "b.test:2", .fallback = "socks5h://c.test"};
    CHECK(chosen(config, "http://x.test/") == "socks5h://c.test:1080");
    CHECK(chosen(config, "https://x.test/") == "http://b.test:2");
  }

  TEST_CASE("without a proxy everything is direct") {
    CHECK(chosen({}, "http://x.test/") == "direct");
    CHECK(chosen({.no_proxy = "y.test"}, "https://x.test/") == "direct");
  }

  TEST_CASE("this machine is reached directly unless somebody asks for a proxy by name") {
    ProxyConfig config{.http = "p.test:1"};
    for (const char* target :
         {"http://localhost/", "http://LOCALHOST:81/", "http://127.0.0.1/", "http://127.8.9.1:8/",
          "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::1%25lo]/"}) {
      INFO(target);
      config.includes_loopback = false;
      CHECK(chosen(config, target) == "direct");
      config.includes_loopback = true;
      CHECK(chosen(config, target) == "http://p.test:1");
    }
    config.includes_loopback = false;
    CHECK(chosen(config, "http://localhost.test/") == "http://p.test:1");
    CHECK(chosen(config, "http://sub.localhost/") == "http://p.test:1");
    CHECK(chosen(config, "http://128.0.0.1/") == "http://p.test:1");
  }

  TEST_CASE("the list of exceptions holds for loopback that was asked for, too") {
    const ProxyConfig config{
        .http = "p.test:1", .no_proxy = "127.0.0.0/8", .includes_loopback = true};
    CHECK(chosen(config, "http://127.0.0.1/") == "direct");
    CHECK(chosen(config, "http://localhost/") == "http://p.test:1");
  }

  TEST_CASE("a listed name stands for itself and its subdomains") {
    CHECK(is_direct(kList, "http://example.com/"));
    CHECK(is_direct(kList, "https://EXAMPLE.com/"));
    CHECK(is_direct(kList, "http://a.b.example.com:99/"));
    CHECK_FALSE(is_direct(kList, "http://notexample.com/"));
    CHECK_FALSE(is_direct(kList, "http://example.com.test/"));
    CHECK_FALSE(is_direct(kList, "http://com/"));
    CHECK(is_direct(kList, "http://upper.test/"));
  }

  TEST_CASE("a name behind a dot or *. stands for subdomains only") {
    CHECK(is_direct(kList, "http://a.sub.only.test/"));
    CHECK_FALSE(is_direct(kList, "http://sub.only.test/"));
    CHECK(is_direct(kList, "http://a.star.test/"));
    CHECK(is_direct(kList, "http://b.a.star.test/"));
    CHECK_FALSE(is_direct(kList, "http://star.test/"));
  }

  TEST_CASE("an entry with a port stands for that port only") {
    CHECK(is_direct(kList, "http://port.test:81/"));
    CHECK(is_direct(kList, "http://sub.port.test:81/"));
    CHECK_FALSE(is_direct(kList, "http://port.test/"));
    CHECK(is_direct("port.test:80", "http://port.test/"));
    CHECK_FALSE(is_direct("port.test:80", "https://port.test/"));
    CHECK(is_direct("port.test:443", "https://port.test/"));
    CHECK(is_direct("port.test:", "https://port.test/"));
    CHECK(is_direct(kList, "http://10.9.8.7:8080/"));
    CHECK_FALSE(is_direct(kList, "http://10.9.8.7/"));
    CHECK(is_direct(kList, "https://[2001:db8::2]/"));
    CHECK_FALSE(is_direct(kList, "http://[2001:db8::2]/"));
    CHECK(is_direct("10.0.0.0/8:81", "http://10.1.1.1:81/"));
    CHECK_FALSE(is_direct("10.0.0.0/8:81", "http://10.1.1.1/"));
  }

  TEST_CASE("a listed address stands for itself, however it is written") {
    CHECK(is_direct(kList, "http://10.1.2.3:8080/"));
    CHECK_FALSE(is_direct(kList, "http://10.1.2.4/"));
    CHECK(is_direct(kList, "http://[::ffff:10.1.2.3]/"));
    CHECK(is_direct(kList, "http://[2001:db8:0:0::1]/"));
    CHECK_FALSE(is_direct(kList, "http://[2001:db8::3]/"));
    CHECK(is_direct("[2001:db8::3]", "http://[2001:db8::3]:81/"));
    CHECK(is_direct("::ffff:10.1.2.4", "http://10.1.2.4/"));
    CHECK(is_direct("fe80::1", "http://[fe80::1%25eth0]/"));
  }

  TEST_CASE("an address is no suffix of a name, and a name none of an address") {
    CHECK_FALSE(is_direct("10.1.2.3", "http://10.1.2.3.test/"));
    CHECK_FALSE(is_direct("1.2.3.4", "http://11.2.3.4/"));
  }

  TEST_CASE("a CIDR block stands for its addresses") {
    CHECK(is_direct(kList, "http://192.168.0.0/"));
    CHECK(is_direct(kList, "http://192.168.255.255/"));
    CHECK_FALSE(is_direct(kList, "http://192.169.0.0/"));
    CHECK_FALSE(is_direct(kList, "http://192.167.255.255/"));
    CHECK(is_direct(kList, "http://[2001:db8:77:ffff::]/"));
    CHECK_FALSE(is_direct(kList, "http://[2001:db8:78::]/"));
  }

  TEST_CASE("a block may end inside a byte, and at both ends of an address") {
    CHECK(is_direct("10.16.0.0/12", "http://10.31.255.255/"));
    CHECK_FALSE(is_direct("10.16.0.0/12", "http://10.32.0.0/"));
    CHECK(is_direct("10.1.2.3/32", "http://10.1.2.3/"));
    CHECK_FALSE(is_direct("10.1.2.3/32", "http://10.1.2.2/"));
    CHECK(is_direct("10.1.2.3/31", "http://10.1.2.2/"));
    CHECK(is_direct("2001:db8::f/127", "http://[2001:db8::e]/"));
    CHECK(is_direct("2001:db8::f/128", "http://[2001:db8::f]/"));
    CHECK_FALSE(is_direct("2001:db8::f/128", "http://[2001:db8::e]/"));
  }

  TEST_CASE("the block of every address stands for one family") {
    CHECK(is_direct("0.0.0.0/0", "http://203.0.113.9/"));
    CHECK_FALSE(is_direct("0.0.0.0/0", "http://[2001:db8::1]/"));
    CHECK(is_direct("::/0", "http://[2001:db8::1]/"));
    CHECK_FALSE(is_direct("::/0", "http://203.0.113.9/"));
    CHECK(is_direct("::ffff:10.0.0.0/104", "http://10.7.7.7/"));
    CHECK_FALSE(is_direct("::ffff:10.0.0.0/104", "http://11.7.7.7/"));
  }

  TEST_CASE("an entry that makes no sense is passed over, and those behind it count") {
    CHECK_FALSE(is_direct(kList, "http://a.test/"));
    CHECK_FALSE(is_direct(kList, "http://10.0.0.1/"));
    for (const char* broken :
         {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/+8", "/8", "::1/129", "[", "[]",
          "[::1", "[::1]x", ":", ".", "*.", "b.test:x", "b.test:65536", "b.test:-1"}) {
      const std::string list = std::string(broken) + ",c.test";
      INFO(list);
      CHECK_FALSE(is_direct(list, "http://10.0.0.1/"));
      CHECK_FALSE(is_direct(list, "http://b.test/"));
      CHECK(is_direct(list, "http://c.test/"));
    }
  }

  TEST_CASE("a star alone stands for everything, wherever it is on the list") {
    for (const char* list : {"*", "a.test,*", " * ,a.test"}) {
      CHECK(is_direct(list, "http://anything.test:99/"));
      CHECK(is_direct(list, "https://203.0.113.9/"));
    }
    CHECK_FALSE(is_direct("*test", "http://a.test/"));
  }

  TEST_CASE("a proxy that cannot be understood is an error that names the variable") {
    const auto http = ProxyRules::make({.http = "ftp://ann:secret@p.test"});
    REQUIRE_FALSE(http.has_value());
    CHECK(http.error().code == Error::Code::invalid_config);
    CHECK(http.error().message.find("HTTP_PROXY") != std::string::npos);
    CHECK(http.error().message.find("secret") == std::string::npos);
    CHECK(ProxyRules::make({.https = "p.test:0"}).error().message.find("HTTPS_PROXY") !=
          std::string::npos);
    CHECK(ProxyRules::make({.fallback = "x://y"}).error().message.find("ALL_PROXY") !=
          std::string::npos);
  }

  TEST_CASE("a fallback that is not needed may be anything") {
    CHECK(ProxyRules::make({.http = "a.test", .https = "b.test", .fallback = "socks://c.test"})
              .has_value());
  }
}

}  // namespace xtrace::proxy_rules_test
