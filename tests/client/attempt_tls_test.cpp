#include <string>
#include <vector>

#include "client_fixture.h"
#include "support/tls_host.h"

namespace xtrace::attempt_tls_test {

using testing::ClientFixture;
using testing::Identity;
using testing::TlsHost;

namespace {

/// A host with a certificate for 127.0.0.1 that nobody trusts; the client is told to take any.
struct TlsFixture : ClientFixture {
  TlsHost host{
      loop,
      {.identity = testing::self_sign({.common_name = "a test", .addresses = {"127.0.0.1"}})}};

  const Exchange& get_over_tls(bool accepts_any = true) {
    config.tls.accept_any_certificate = accepts_any;
    return exchange(Request(Url::parse("https://" + host.address().to_string() + "/").value()));
  }
};

}  // namespace

TEST_SUITE("client/attempt_tls") {
  TEST_CASE_FIXTURE(TlsFixture,
                    "a request over TLS has its handshake between the dial and the request") {
    host.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", TlsHost::End::open);
    const Exchange& done = get_over_tls();
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->body == "hello");
    CHECK(host.tls().received.starts_with("GET / HTTP/1.1\r\n"));

    const Timeline& timeline = done.timeline;
    REQUIRE(timeline.find(Phase::tls) != nullptr);
    CHECK(timeline.dials[0].span.end <= timeline.find(Phase::tls)->begin);
    CHECK(timeline.find(Phase::tls)->end <= timeline.find(Phase::connect)->end);
    CHECK(timeline.find(Phase::connect)->end <= timeline.find(Phase::request)->begin);
    REQUIRE(timeline.tls.has_value());
    CHECK(timeline.tls->version.starts_with("TLSv1."));
    CHECK(timeline.tls->alpn == "http/1.1");
    CHECK_FALSE(timeline.tls->verified);
    CHECK(timeline.tls->peer_subject.starts_with("CN=a test"));
  }

  TEST_CASE_FIXTURE(TlsFixture,
                    "the handshake's hooks run between connecting and having a connection") {
    std::vector<std::string> events;
    options.trace.connect_done = [&events](std::string_view, const Address&, const Error*) {
      events.emplace_back("connect_done");
    };
    options.trace.tls_handshake_start = [&events] { events.emplace_back("tls_handshake_start"); };
    options.trace.tls_handshake_done = [&events](const TlsInfo* info, const Error* error) {
      CHECK((info == nullptr) != (error == nullptr));
      events.emplace_back(info != nullptr ? "tls_handshake_done" : "tls_handshake_done failed");
    };
    options.trace.got_conn = [&events](const GotConnInfo&) { events.emplace_back("got_conn"); };
    options.trace.got_conn_failed = [&events](const Error&) {
      events.emplace_back("got_conn_failed");
    };
    host.answer("HTTP/1.1 204 No Content\r\n\r\n", TlsHost::End::open);
    std::vector<std::string> expected{"connect_done", "tls_handshake_start"};
    SUBCASE("when it succeeds") {
      get_over_tls();
      expected.insert(expected.end(), {"tls_handshake_done", "got_conn"});
    }
    SUBCASE("when the certificate is refused") {
      get_over_tls(false);
      CHECK(code() == Error::Code::cert_self_signed);
      CHECK(result->error->phase == Phase::tls);
      expected.insert(expected.end(), {"tls_handshake_done failed", "got_conn_failed"});
    }
    CHECK(events == expected);
  }

  TEST_CASE_FIXTURE(TlsFixture, "a body without length is whole only if the peer says goodbye") {
    const std::string answer = "HTTP/1.1 200 OK\r\n\r\nall of it";
    SUBCASE("with close_notify") {
      host.answer(answer, TlsHost::End::goodbye);
      const Exchange& done = get_over_tls();
      CHECK_FALSE(done.error.has_value());
      CHECK(done.response->body == "all of it");
    }
    SUBCASE("cut") {
      host.answer(answer, TlsHost::End::cut);
      const Exchange& done = get_over_tls();
      CHECK(code() == Error::Code::body_cut);
      CHECK(done.error->phase == Phase::body);
      CHECK(done.response->body == "all of it");
    }
  }

  TEST_CASE_FIXTURE(TlsFixture,
                    "a body that is cut short says how much is missing, goodbye or not") {
    host.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", TlsHost::End::cut);
    const Exchange& done = get_over_tls();
    CHECK(code() == Error::Code::body_cut);
    CHECK(done.error->message.find("95") != std::string::npos);
  }
}

}  // namespace xtrace::attempt_tls_test
