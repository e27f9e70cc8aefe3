#include <cstring>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/proxy.h>

namespace xtrace::proxy_test {

namespace {

ProxyConfig read_from(const std::map<std::string, std::string>& variables) {
  return ProxyConfig::from_environment([&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

Proxy parsed(std::string_view text) {
  const Expected<Proxy> proxy = Proxy::parse(text);
  INFO(text);
  REQUIRE(proxy.has_value());
  return *proxy;
}

Error refused(std::string_view text) {
  const Expected<Proxy> proxy = Proxy::parse(text);
  INFO(text);
  REQUIRE_FALSE(proxy.has_value());
  CHECK(proxy.error().code == Error::Code::invalid_config);
  CHECK(proxy.error().phase == Phase::none);
  return proxy.error();
}

}  // namespace

TEST_SUITE("client/proxy") {
  TEST_CASE("a proxy without a port has its scheme's") {
    CHECK(parsed("http://p.test").redacted() == "http://p.test:80");
    CHECK(parsed("https://p.test").redacted() == "https://p.test:443");
    CHECK(parsed("socks5://p.test").redacted() == "socks5://p.test:1080");
    CHECK(parsed("socks5h://p.test/").redacted() == "socks5h://p.test:1080");
  }

  TEST_CASE("a proxy's own port stands, another scheme's default too") {
    CHECK(parsed("http://p.test:443").port == 443);
    CHECK(parsed("https://p.test:80").port == 80);
    CHECK(parsed("socks5://p.test:80").port == 80);
    CHECK(parsed("socks5://p.test:443").port == 443);
    CHECK(parsed("socks5://p.test:9050").port == 9050);
  }

  TEST_CASE("a proxy without a scheme is an http proxy") {
    CHECK(parsed("p.test").redacted() == "http://p.test:80");
    CHECK(parsed("p.test:3128").redacted() == "http://p.test:3128");
    CHECK(parsed("[::1]:3128").redacted() == "http://[::1]:3128");
    CHECK(parsed("127.0.0.1:3128/").redacted() == "http://127.0.0.1:3128");
    const Proxy proxy = parsed("ann:pw@p.test:3128");
    CHECK(proxy.redacted() == "http://p.test:3128");
    CHECK(proxy.user == "ann");
    CHECK(proxy.password == "pw");
  }

  TEST_CASE("a proxy's scheme and host are read without case") {
    CHECK(parsed("SOCKS5H://P.Test").redacted() == "socks5h://p.test:1080");
    CHECK(parsed("Http://P.Test").kind == Proxy::Kind::http);
  }

  TEST_CASE("a proxy's user name and password are decoded and shown by nothing") {
    const Proxy proxy = parsed("socks5://ann%40x:p%2Fw%3a@p.test");
    CHECK(proxy.user == "ann@x");
    CHECK(proxy.password == "p/w:");
    CHECK(proxy.redacted() == "socks5://p.test:1080");
    CHECK(proxy.host_port() == "p.test:1080");
    CHECK(parsed("http://ann@p.test").password.empty());
  }

  TEST_CASE("a proxy's path means nothing") {
    CHECK(parsed("http://p.test:3128/a/b?c#d") == parsed("http://p.test:3128"));
  }

  TEST_CASE("what is no proxy is refused with the reason") {
    CHECK(refused("socks4://p.test").message ==
          "the proxy's scheme \"socks4\" is none of http, https, socks5 and socks5h");
    CHECK(refused("ftp://p.test").message.find("\"ftp\"") != std::string::npos);
    CHECK(refused("").message.find("no host") != std::string::npos);
    CHECK(refused("http://").message.find("no host") != std::string::npos);
    CHECK(refused("p.test:65536").message.find("port 65536") != std::string::npos);
    CHECK(refused("p.test:http").message.find("neither a URL nor host:port") != std::string::npos);
    CHECK(refused("a b").message.find("neither a URL nor host:port") != std::string::npos);
  }

  TEST_CASE("a refused proxy keeps its password to itself") {
    for (const char* text :
         {"http://ann:secret@", "http://ann:secret@p.test:99999", "http://ann:secret@a b",
          "http://ann:secret/x@p.test", "http://ann:1secret#x@p.test", "ann:secret://x@p.test",
          "ftp://ann:secret@p.test", "ann:secret@p.test:http", "http://ann:%secret@p.test:x"}) {
      CHECK(refused(text).message.find("secret") == std::string::npos);
    }
  }

  TEST_CASE("a slash in a password is refused, for it would end the host") {
    CHECK(refused("http://ann:12/34@p.test").message.find("%2F") != std::string::npos);
  }

  TEST_CASE("the environment's proxies are read in upper case first") {
    const ProxyConfig config = read_from({{"HTTP_PROXY", "a"},
                                          {"http_proxy", "b"},
                                          {"https_proxy", "c"},
                                          {"ALL_PROXY", "d"},
                                          {"NO_PROXY", "e"},
                                          {"no_proxy", "f"}});
    CHECK(config.http == "a");
    CHECK(config.https == "c");
    CHECK(config.fallback == "d");
    CHECK(config.no_proxy == "e");
    CHECK_FALSE(config.includes_loopback);
    CHECK(read_from({{"all_proxy", "g"}}).fallback == "g");
    CHECK(read_from({}).http.empty());
  }

  TEST_CASE("an empty variable is the same as none") {
    CHECK(read_from({{"HTTPS_PROXY", ""}, {"https_proxy", "b"}}).https == "b");
  }

  TEST_CASE("a CGI program takes no HTTP_PROXY, which a stranger's header may have set") {
    const ProxyConfig config = read_from({{"REQUEST_METHOD", "GET"},
                                          {"HTTP_PROXY", "evil.test"},
                                          {"HTTPS_PROXY", "c"},
                                          {"ALL_PROXY", "d"}});
    CHECK(config.http.empty());
    CHECK(config.https == "c");
    CHECK(config.fallback == "d");
    CHECK(read_from({{"REQUEST_METHOD", "GET"}, {"http_proxy", "b"}}).http == "b");
  }
}

}  // namespace xtrace::proxy_test
