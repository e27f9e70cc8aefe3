#include <array>
#include <string>

#include <doctest/doctest.h>

#include "tunnel_fixture.h"

namespace tunnel_socks_test {

using namespace xtrace;
using namespace std::string_literals;
using testing::Pieces;
using testing::TunnelFixture;

namespace {

const std::string kNoAuthentication = "\x05\x00"s;
const std::string kSignIn = "\x05\x02"s;
const std::string kOpen = "\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"s;

struct SocksFixture : TunnelFixture {
  SocksFixture() : TunnelFixture(Proxy::Kind::socks5h) {}

  // From the start, each answer of the proxy behind what it answers; returns what we said last.
  std::string talk(std::initializer_list<std::string> answers, Pieces pieces = Pieces::whole) {
    open();
    std::string last = heard();
    for (const std::string& answer : answers) {
      say(answer, pieces);
      if (proxy != nullptr && !result) last = heard();
    }
    return last;
  }

  // What we ask a proxy that wants no password.
  std::string asked() { return talk({kNoAuthentication}); }
};

}  // namespace

TEST_SUITE("client/tunnel_socks") {
  TEST_CASE_FIXTURE(SocksFixture, "a SOCKS proxy is offered a password only where there is one") {
    CHECK(talk({}) == "\x05\x01\x00"s);
    request.proxy.user = "ann";
    CHECK(talk({}) == "\x05\x02\x00\x02"s);
  }

  TEST_CASE_FIXTURE(SocksFixture, "a name is the proxy's to look up where nobody did") {
    CHECK(asked() ==
          "\x05\x01\x00\x03\x0b"
          "example.com\x01\xbb"s);
  }

  TEST_CASE_FIXTURE(SocksFixture, "an address that was looked up is sent in the name's place") {
    request.resolved = Address::from_ipv4({192, 0, 2, 7}, 80);
    CHECK(asked() == "\x05\x01\x00\x01\xc0\x00\x02\x07\x01\xbb"s);
    request.resolved = Address::from_ip("2001:db8::5", 80).value();
    CHECK(asked() == "\x05\x01\x00\x04\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x05\x01\xbb");
  }

  TEST_CASE_FIXTURE(SocksFixture, "an IP literal is sent as an address") {
    request.port = 8080;
    request.host = "127.0.0.1";
    CHECK(asked() == "\x05\x01\x00\x01\x7f\x00\x00\x01\x1f\x90"s);
    request.host = "::1";
    CHECK(asked() == "\x05\x01\x00\x04"s + std::string(15, '\0') + "\x01\x1f\x90");
    request.host = "fe80::1%lo";
    CHECK(asked().substr(3, 3) == "\x04\xfe\x80"s);
  }

  TEST_CASE_FIXTURE(SocksFixture, "a user name and password are sent when they are asked for") {
    request.proxy.user = "ann";
    request.proxy.password = "secret";
    CHECK(talk({kSignIn}) ==
          "\x01\x03"
          "ann\x06"
          "secret"s);
    CHECK(talk({kSignIn, "\x01\x00"s}).starts_with("\x05\x01\x00\x03"s));
    CHECK(talk({kNoAuthentication}).starts_with("\x05\x01\x00\x03"s));
    request.proxy.password.clear();
    CHECK(talk({kSignIn}) ==
          "\x01\x03"
          "ann\x00"s);
  }

  TEST_CASE_FIXTURE(SocksFixture, "a sign-in counts though its version is that of SOCKS") {
    request.proxy.user = "ann";
    talk({kSignIn, "\x05\x00"s, kOpen});
    CHECK(is_open());
  }

  TEST_CASE_FIXTURE(SocksFixture, "a tunnel opens on each kind of bound address, split anywhere") {
    for (const std::string& answer :
         {kOpen, "\x05\x00\x00\x04"s + std::string(16, 'x') + "pp", "\x05\x00\x00\x03\x05proxypp"s,
          "\x05\x00\x00\x03\x00pp"s, "\x05\x00\x00\x03\xff"s + std::string(255, 'x') + "pp",
          "\x05\x00\xff\x01\x00\x00\x00\x00\x00\x00"s}) {
      for (const Pieces pieces : {Pieces::whole, Pieces::single}) {
        request.proxy.user = "ann";
        talk({kSignIn, "\x01\x00"s, answer.substr(0, answer.size() - 1)}, pieces);
        CHECK_FALSE(result.has_value());
        say(answer.substr(answer.size() - 1));
        CHECK(is_open());
      }
    }
  }

  TEST_CASE_FIXTURE(SocksFixture, "a proxy that answers ahead of the questions is waited for") {
    open();
    say(kNoAuthentication + kOpen);
    CHECK_FALSE(result.has_value());
    CHECK(heard().starts_with("\x05\x01\x00\x05\x01\x00\x03"s));
    CHECK(is_open());
  }

  TEST_CASE_FIXTURE(SocksFixture, "every reply code of a refusal has its sentence") {
    constexpr std::array<std::string_view, 10> kReasons{
        "",
        "general failure (SOCKS5 reply 1)",
        "its rules do not allow the connection (SOCKS5 reply 2)",
        "network unreachable (SOCKS5 reply 3)",
        "host unreachable (SOCKS5 reply 4)",
        "connection refused (SOCKS5 reply 5)",
        "time to live expired (SOCKS5 reply 6)",
        "it does not know the command CONNECT (SOCKS5 reply 7)",
        "it does not know this kind of address (SOCKS5 reply 8)",
        "unknown reason (SOCKS5 reply 9)"};
    for (std::size_t code = 1; code < kReasons.size(); ++code) {
      for (const Pieces pieces : {Pieces::whole, Pieces::single}) {
        std::string answer = kOpen;
        answer[1] = static_cast<char>(code);
        talk({kNoAuthentication, answer}, pieces);
        CHECK(error().code == Error::Code::proxy_refused);
        CHECK(error().message ==
              "proxy socks5h://proxy.test:3128 cannot connect to example.com:443: " +
                  std::string(kReasons.at(code)));
      }
    }
    talk({kNoAuthentication, "\x05\xff"s});
    CHECK(error().message.ends_with("unknown reason (SOCKS5 reply 255)"));
  }

  TEST_CASE_FIXTURE(SocksFixture, "a proxy without a method in common has denied us") {
    talk({"\x05\xff"s});
    CHECK(error().code == Error::Code::proxy_denied);
    CHECK(error().message.ends_with(
        " asks for authentication, and was given no user name and password"));
    request.proxy.user = "ann";
    talk({"\x05\xff"s});
    CHECK(error().code == Error::Code::proxy_denied);
    CHECK(
        error().message.ends_with(" takes neither a user name and password nor no authentication"));
  }

  TEST_CASE_FIXTURE(SocksFixture, "a password that is refused is not repeated") {
    request.proxy.user = "ann";
    request.proxy.password = "secret";
    talk({kSignIn, "\x01\x01"s});
    CHECK(error().code == Error::Code::proxy_denied);
    CHECK(error().message ==
          "proxy socks5h://proxy.test:3128 refuses the user name and password it was given");
  }

  TEST_CASE_FIXTURE(SocksFixture, "a method that was not offered is a broken proxy") {
    talk({kSignIn});
    CHECK(error().code == Error::Code::proxy_failed);
    CHECK(error().message.find("method 2") != std::string::npos);
    request.proxy.user = "ann";
    talk({"\x05\x01"s});
    CHECK(error().code == Error::Code::proxy_failed);
  }

  TEST_CASE_FIXTURE(SocksFixture, "what does not speak SOCKS5 is told by its first byte") {
    talk({"H"});
    CHECK(error().code == Error::Code::proxy_failed);
    CHECK(error().message ==
          "proxy socks5h://proxy.test:3128 does not speak SOCKS5: "
          "its answer begins with the byte 72");
    talk({"\x00\x5a"s});
    CHECK(error().code == Error::Code::proxy_failed);
    talk({kNoAuthentication, "\x04"s});
    CHECK(error().code == Error::Code::proxy_failed);
  }

  TEST_CASE_FIXTURE(SocksFixture, "an answer with an unknown kind of address is broken") {
    talk({kNoAuthentication, "\x05\x00\x00\x02\x7f"s});
    CHECK(error().code == Error::Code::proxy_failed);
    CHECK(error().message.find("kind 2") != std::string::npos);
  }

  TEST_CASE_FIXTURE(SocksFixture, "a proxy that ends before its answer does has failed") {
    request.proxy.user = "ann";
    const std::array<std::string, 3> answers{kSignIn, "\x01\x00"s, kOpen};
    const std::array<std::string_view, 3> places{"greeting", "password", "example.com:443"};
    for (std::size_t at = 0; at < answers.size(); ++at) {
      for (std::size_t length = 0; length < answers.at(at).size(); ++length) {
        talk({});
        for (std::size_t before = 0; before < at; ++before) {
          say(answers.at(before));
          heard();
        }
        if (length > 0) say(answers.at(at).substr(0, length));
        proxy->deliver_end();
        CHECK(error().code == Error::Code::proxy_failed);
        CHECK(error().message.find(places.at(at)) != std::string::npos);
        CHECK(error().message.find(length > 0 ? " inside " : " before ") != std::string::npos);
      }
    }
  }

  TEST_CASE_FIXTURE(SocksFixture, "what SOCKS5 cannot carry is refused before anything is sent") {
    const std::string longest(255, 'x');
    request.proxy.user = longest;
    request.proxy.password = longest;
    request.host = longest;
    talk({});
    CHECK_FALSE(result.has_value());
    SUBCASE("a long user name") {
      request.proxy.user += 'x';
    }
    SUBCASE("a long password") {
      request.proxy.password += 'x';
    }
    SUBCASE("a long host") {
      request.host += 'x';
    }
    SUBCASE("no host") {
      request.host.clear();
    }
    const bool is_host = request.host.size() != longest.size();
    open();
    CHECK(proxy->writes == 0);
    CHECK_FALSE(result.has_value());
    loop.run_until([this] { return result.has_value(); });
    CHECK(error().code == (is_host ? Error::Code::invalid_host_name : Error::Code::invalid_config));
    CHECK(error().message.find("xxx") == std::string::npos);
  }
}

}  // namespace tunnel_socks_test
