#include "client_fixture.h"
#include "hook_record.h"

namespace xtrace::proxy_call_test {

using testing::ClientFixture;
using testing::Events;
using testing::record_into;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The scripted server is the proxy; nothing is ever looked up or dialled but it.
struct ProxyFixture : ClientFixture {
  Events events;

  void use_proxy(std::string_view scheme, std::string_view userinfo = "") {
    const std::string proxy =
        std::string(scheme) + "://" + std::string(userinfo) + server.address().to_string();
    config.proxy = ProxyConfig{.http = proxy, .https = proxy};
  }

  const Exchange& fetch(std::string_view url) {
    options.trace = record_into(events);
    return exchange(Request(Url::parse(url).value()));
  }
};

}  // namespace

TEST_SUITE("client/proxy_call") {
  TEST_CASE_FIXTURE(ProxyFixture, "an http request tells the proxy the whole URL") {
    use_proxy("http", "user:secret@");
    server.on_connection().expect_head().send(kOk).expect_head().send(kOk);
    const Exchange& done = fetch("http://far.test/a?b=c");
    REQUIRE_FALSE(done.error.has_value());
    CHECK(
        server.received().starts_with("GET http://far.test/a?b=c HTTP/1.1\r\nHost: far.test\r\n"));
    CHECK(server.received().find("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n") !=
          std::string::npos);
    CHECK(done.timeline.proxy == "http://" + server.address().to_string());
    CHECK(done.timeline.find(Phase::proxy) == nullptr);
    CHECK(events[0] == "get_conn");

    // Any other http origin uses the same connection.
    CHECK(fetch("http://further.test/").timeline.reused);
    CHECK(client().book.stats().addresses.at(0).address == "proxy " + server.address().to_string());
  }

  TEST_CASE_FIXTURE(ProxyFixture, "an https request has a phase for the tunnel") {
    use_proxy("http");
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 Connection established\r\n\r\n")
        .expect_bytes(1)
        .close();
    const Exchange& done = fetch("https://far.test/");
    CHECK(server.received().starts_with("CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n"));
    CHECK(code() == Error::Code::tls_closed);
    const Span* proxy = done.timeline.find(Phase::proxy);
    REQUIRE(proxy != nullptr);
    CHECK(proxy->outcome == Outcome::ok);
    CHECK(proxy->end <= done.timeline.find(Phase::tls)->begin);
    CHECK(events == Events{"get_conn", "connect_start tcp4", "connect_done tcp4", "proxy_start",
                           "proxy_done", "tls_handshake_start", "tls_handshake_done tls_closed",
                           "got_conn_failed", "request_done failed"});
  }

  TEST_CASE_FIXTURE(ProxyFixture,
                    "a proxy that refuses is named, and its phase carries the error") {
    use_proxy("http", "user:wrong@");
    server.on_connection().expect_head().send(
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    const Exchange& done = fetch("https://far.test/");
    CHECK(code() == Error::Code::proxy_denied);
    CHECK(done.error->phase == Phase::proxy);
    CHECK(done.error->message.find("wrong") == std::string::npos);
    CHECK(done.timeline.find(Phase::proxy)->outcome == Outcome::error);
    CHECK(events.at(4) == "proxy_done proxy_denied");
  }

  TEST_CASE_FIXTURE(ProxyFixture, "a silent proxy is given up in phase proxy") {
    use_proxy("http");
    config.timeouts.proxy = std::chrono::milliseconds(20);
    server.on_connection().expect_head().silent();
    const Exchange& done = fetch("https://far.test/");
    CHECK(code() == Error::Code::proxy_timeout);
    CHECK(done.error->phase == Phase::proxy);
    CHECK(done.timeline.find(Phase::proxy)->outcome == Outcome::timeout);
  }

  TEST_CASE_FIXTURE(ProxyFixture, "a socks5h proxy is told the name, a socks5 one the address") {
    const std::string greeting("\x05\x00", 2);
    const std::string granted("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10);
    server.on_connection()
        .expect_bytes(3)
        .send(greeting)
        .expect_bytes(10)
        .send(granted)
        .expect_head()
        .send(kOk);
    SUBCASE("socks5h") {
      use_proxy("socks5h");
      const Exchange& done = fetch("http://far.test/");
      REQUIRE_FALSE(done.error.has_value());
      CHECK(resolver.asked.empty());
      CHECK(server.received().find("far.test") != std::string::npos);
      CHECK(done.timeline.find(Phase::proxy) != nullptr);
      CHECK(done.timeline.find(Phase::dns) == nullptr);
    }
    SUBCASE("socks5") {
      use_proxy("socks5");
      resolver.answers.emplace("far.test",
                               Resolved{.addresses = {Address::from_ipv4({192, 0, 2, 7}, 80)}});
      const Exchange& done = fetch("http://far.test/");
      REQUIRE_FALSE(done.error.has_value());
      CHECK(resolver.asked.size() == 1);
      CHECK(server.received().find(std::string("\x01\xc0\x00\x02\x07", 5)) != std::string::npos);
      CHECK(done.timeline.dns->host == "far.test");
    }
  }

  TEST_CASE_FIXTURE(ProxyFixture, "what is told of a lookup is the target's, not the proxy's") {
    const Address far = Address::from_ipv4({192, 0, 2, 7}, 80);
    resolver.answers.emplace("far.test", Resolved{.addresses = {far}});
    resolver.answers.emplace("proxy.test", Resolved{.addresses = {server.address()}});
    config.proxy = ProxyConfig{.http = "socks5://proxy.test:" + std::to_string(server.port())};
    server.on_connection().expect_bytes(3).close();
    const Exchange& done = fetch("http://far.test/");
    CHECK(resolver.asked.size() == 2);
    REQUIRE(done.timeline.dns.has_value());
    CHECK(done.timeline.dns->host == "far.test");
    CHECK(done.timeline.dns->addresses == std::vector<Address>{far});
  }

  TEST_CASE_FIXTURE(ProxyFixture, "a proxy that cannot be looked up has an error of its own") {
    config.proxy = ProxyConfig{.http = "http://nowhere.test:3128"};
    const Exchange& done = fetch("http://far.test/");
    CHECK(code() == Error::Code::proxy_not_found);
    CHECK(done.error->message.find("nowhere.test") != std::string::npos);
  }
}

}  // namespace xtrace::proxy_call_test
