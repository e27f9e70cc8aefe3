#include <string>

#include <doctest/doctest.h>

#include "tunnel_fixture.h"

namespace tunnel_http_test {

using namespace xtrace;
using testing::Pieces;
using testing::TunnelFixture;

namespace {

constexpr std::string_view kOpen = "HTTP/1.1 200 Connection established\r\n\r\n";

struct ConnectFixture : TunnelFixture {
  ConnectFixture() : TunnelFixture(Proxy::Kind::http) {}

  // What becomes of the tunnel when the proxy answers so.
  const Error& answer(std::string_view words, Pieces pieces = Pieces::whole) {
    open();
    heard();
    say(words, pieces);
    return error();
  }
};

}  // namespace

TEST_SUITE("client/tunnel_http") {
  TEST_CASE_FIXTURE(ConnectFixture, "an http proxy is asked with CONNECT for host and port") {
    open();
    CHECK(heard() == "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
  }

  TEST_CASE_FIXTURE(ConnectFixture, "an http proxy is told who asks and with which password") {
    request.user_agent = "xtrace/1";
    request.proxy.user = "ann";
    request.proxy.password = "pass:word";
    open();
    CHECK(heard() ==
          "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nUser-Agent: xtrace/1\r\n"
          "Proxy-Authorization: Basic YW5uOnBhc3M6d29yZA==\r\n\r\n");
  }

  TEST_CASE_FIXTURE(ConnectFixture, "an IPv6 target stands in brackets, without its zone") {
    request.host = "fe80::1%eth0";
    request.port = 8443;
    open();
    CHECK(heard() == "CONNECT [fe80::1]:8443 HTTP/1.1\r\nHost: [fe80::1]:8443\r\n\r\n");
  }

  TEST_CASE_FIXTURE(ConnectFixture, "the address that was looked up is not an http proxy's") {
    request.resolved = Address::from_ipv4({192, 0, 2, 1}, 443);
    open();
    CHECK(heard().starts_with("CONNECT example.com:443 "));
  }

  TEST_CASE_FIXTURE(ConnectFixture, "every 2xx opens the tunnel, split anywhere") {
    for (const char* answer :
         {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 Connection established\r\nVia: 1.1 p\r\n\r\n",
          "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 299 x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}) {
      for (const Pieces pieces : {Pieces::whole, Pieces::single}) {
        INFO(answer);
        open();
        heard();
        say(answer, pieces);
        CHECK(is_open());
        CHECK_FALSE(proxy->is_reading);
      }
    }
  }

  TEST_CASE_FIXTURE(ConnectFixture, "an answer that is not complete opens nothing") {
    open();
    heard();
    say(kOpen.substr(0, kOpen.size() - 1));
    CHECK_FALSE(result.has_value());
    say("\n");
    CHECK(is_open());
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a refusal names status, reason and target") {
    for (const Pieces pieces : {Pieces::whole, Pieces::single}) {
      const Error& error =
          answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n", pieces);
      CHECK(error.code == Error::Code::proxy_refused);
      CHECK(error.message ==
            "proxy http://proxy.test:3128 refuses a tunnel to example.com:443: 403 Forbidden");
    }
    CHECK(answer("HTTP/1.1 502\r\n\r\n").message.ends_with(": 502"));
    CHECK(answer("HTTP/1.1 302 Found\r\nLocation: http://a.test/\r\n\r\n").code ==
          Error::Code::proxy_refused);
    CHECK(answer("HTTP/1.1 401 Unauthorized\r\n\r\n").code == Error::Code::proxy_refused);
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a refusal stands though its page is broken") {
    CHECK(answer("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").code ==
          Error::Code::proxy_refused);
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a refusal's reason is cut and made printable") {
    const std::string reason = "\xffx" + std::string(200, 'y');
    const Error& error = answer("HTTP/1.1 503 " + reason + "\r\n\r\n");
    CHECK(error.message.ends_with("503 ?x" + std::string(78, 'y')));
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a proxy that asks for credentials has denied us") {
    const Error& error = answer(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n"
        "proxy-authenticate: basic realm=\"x\"\r\n\r\n");
    CHECK(error.code == Error::Code::proxy_denied);
    CHECK(error.message ==
          "proxy http://proxy.test:3128 asks for a user name and password, and was given none: "
          "407 Proxy Authentication Required");
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a proxy that does not take Basic says what it takes") {
    const Error& error = answer(
        "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: a b c\r\n"
        "Proxy-Authenticate: Digest realm=\"x\"\r\nProxy-Authenticate: @\r\n\r\n");
    CHECK(error.message.ends_with(
        ": 407 No (it takes Negotiate, a, Digest, and xtrace speaks Basic only)"));
  }

  TEST_CASE_FIXTURE(ConnectFixture, "credentials that a proxy refuses are not repeated") {
    request.proxy.user = "ann";
    request.proxy.password = "secret";
    const Error& error = answer("HTTP/1.1 407 No\r\n\r\n");
    CHECK(error.code == Error::Code::proxy_denied);
    CHECK(error.message ==
          "proxy http://proxy.test:3128 refuses the user name and password it was given: 407 No");
  }

  TEST_CASE_FIXTURE(ConnectFixture, "what is no HTTP answer is a broken proxy, split anywhere") {
    request.limits.head_bytes = 64;
    request.limits.interim_responses = 1;
    for (const char* words :
         {"SSH-2.0-x\r\n", "HTTP/2 200\r\n\r\n", "\r\n", "HTTP/1.1 200 OK\nA: b\n\n",
          "HTTP/1.1 101 Switching Protocols\r\n\r\n",
          "HTTP/1.1 200 OK\r\nA: 00000000000000000000000000000000000000000000000000000000\r\n\r\n",
          "HTTP/1.1 100 A\r\n\r\nHTTP/1.1 100 A\r\n\r\n"}) {
      for (const Pieces pieces : {Pieces::whole, Pieces::single}) {
        INFO(words);
        const Error& error = answer(words, pieces);
        CHECK(error.code == Error::Code::proxy_failed);
        CHECK(error.message.starts_with(
            "proxy http://proxy.test:3128: asked for a tunnel to example.com:443: "));
      }
    }
  }

  TEST_CASE_FIXTURE(ConnectFixture, "a proxy that ends before its answer does has failed") {
    constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nVia: p\r\n\r\n";
    for (std::size_t length = 0; length < kHead.size(); ++length) {
      INFO(length);
      open();
      heard();
      if (length > 0) say(kHead.substr(0, length));
      proxy->deliver_end();
      CHECK(error().code == Error::Code::proxy_failed);
    }
  }
}

}  // namespace tunnel_http_test
