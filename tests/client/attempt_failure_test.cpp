#include <string>

#include "client_fixture.h"

namespace xtrace::attempt_failure_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

TEST_SUITE("client/attempt_failure") {
  TEST_CASE_FIXTURE(ClientFixture, "a refused connection fails in connect and keeps the record") {
    std::string origin;
    {
      const testing::ScriptedServer gone(loop);
      origin = gone.address().to_string();
    }
    const Exchange& done = exchange(Request(Url::parse("http://" + origin + "/").value()));
    CHECK(code() == Error::Code::connect_refused);
    CHECK(done.error->phase == Phase::connect);
    CHECK(done.error->message == "connect " + origin + ": connection refused (ECONNREFUSED)");
    REQUIRE(done.timeline.dial_count == 1);
    CHECK(done.timeline.dials[0].span.outcome == Outcome::error);
    CHECK(done.timeline.find(Phase::connect)->outcome == Outcome::error);
    CHECK(done.timeline.find(Phase::request) == nullptr);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a name without address fails in dns") {
    Expected<Url> url = Url::parse("http://nowhere.test/");
    const Exchange& done = exchange(Request(*url));
    CHECK(code() == Error::Code::dns_not_found);
    CHECK(done.timeline.find(Phase::dns)->outcome == Outcome::error);
    CHECK(done.timeline.dial_count == 0);
  }

  TEST_CASE_FIXTURE(ClientFixture, "what is wrong with the answer is named, with its phase") {
    std::string answered{};
    Error::Code expected{};
    Phase phase = Phase::response;
    SUBCASE("nothing at all") {
      answered = "";
      expected = Error::Code::empty_reply;
    }
    SUBCASE("garbage") {
      answered = "SSH-2.0-OpenSSH_9.2\r\n";
      expected = Error::Code::not_http;
    }
    SUBCASE("cut in the head") {
      answered = "HTTP/1.1 200 OK\r\nContent-Le";
      expected = Error::Code::head_cut;
      phase = Phase::body;
    }
    SUBCASE("cut in the body") {
      answered = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort";
      expected = Error::Code::body_cut;
      phase = Phase::body;
    }
    SUBCASE("cut in a chunk") {
      answered = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab";
      expected = Error::Code::body_cut;
      phase = Phase::body;
    }
    SUBCASE("a bad chunk size") {
      answered = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
      expected = Error::Code::body_invalid;
      phase = Phase::body;
    }
    SUBCASE("both framings") {
      answered =
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
      expected = Error::Code::ambiguous_framing;
      phase = Phase::body;
    }
    SUBCASE("an upgrade nobody asked for") {
      answered = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
      expected = Error::Code::upgrade_refused;
    }
    SUBCASE("a head without end") {
      answered = "HTTP/1.1 200 OK\r\nX: " + std::string(70 * 1024, 'a') + "\r\n\r\n";
      expected = Error::Code::headers_too_large;
      phase = Phase::body;
    }
    answer(answered);
    const Exchange& done = get();
    CHECK(code() == expected);
    CHECK(done.error->phase == phase);
    REQUIRE(done.timeline.find(phase) != nullptr);
    CHECK(done.timeline.find(phase)->outcome == Outcome::error);
    CHECK(done.timeline.error == done.error);
    CHECK(done.timeline.total > Duration::zero());
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "a handshake that is cut fails in tls and not in connect's dial") {
    server.on_connection().expect("\x16\x03").close();
    const Exchange& done = exchange(https_request());
    CHECK(code() == Error::Code::tls_closed);
    CHECK(done.error->phase == Phase::tls);
    CHECK(done.timeline.find(Phase::tls)->outcome == Outcome::error);
    CHECK(done.timeline.find(Phase::connect)->outcome == Outcome::error);
    CHECK(done.timeline.dials[0].span.outcome == Outcome::ok);
    CHECK(done.timeline.find(Phase::request) == nullptr);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a reset while waiting is a failed receive") {
    server.on_connection().expect_head().reset();
    const Exchange& done = get();
    CHECK(code() == Error::Code::receive_failed);
    CHECK(done.error->phase == Phase::response);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a cut body keeps the head it had") {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    const Exchange& done = get();
    REQUIRE(done.response.has_value());
    CHECK(done.response->status == 200);
    CHECK(done.response->body == "short");
    CHECK(done.timeline.response_body_bytes == 5);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a receiver that refuses ends the call with its own error") {
    options.on_body = [](std::span<const std::byte>) -> Expected<Flow> {
      return Error{Error::Code::body_refused, Phase::body, "write out.bin: no space left"};
    };
    answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    const Exchange& done = get();
    CHECK(code() == Error::Code::body_refused);
    CHECK(done.error->message == "write out.bin: no space left");
  }

  TEST_CASE_FIXTURE(ClientFixture, "a body that may not be kept in memory is refused") {
    config.max_buffered_body = 4;
    answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    get();
    CHECK(code() == Error::Code::body_too_large);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a request that HTTP cannot carry is never sent") {
    Request what = request();
    what.headers.add("X-Bad", "a\r\nInjected: yes");
    const Exchange& done = exchange(std::move(what));
    CHECK(code() == Error::Code::invalid_request);
    CHECK(done.timeline.dial_count == 0);
    CHECK(server.connections() == 0);
  }

  TEST_CASE_FIXTURE(ClientFixture, "each limit names its phase when it strikes") {
    Error::Code expected{};
    Phase phase{};
    Request what = request();
    SUBCASE("dns") {
      resolver.silent.insert("silent.test");
      what = Request(Url::parse("http://silent.test/").value());
      config.timeouts.dns = milliseconds(15);
      expected = Error::Code::dns_timeout;
      phase = Phase::dns;
    }
    SUBCASE("tls") {
      what = https_request();
      config.timeouts.tls = milliseconds(15);
      expected = Error::Code::tls_timeout;
      phase = Phase::tls;
    }
    SUBCASE("connect, in the handshake") {
      what = https_request();
      config.timeouts.connect = milliseconds(15);
      expected = Error::Code::connect_timeout;
      phase = Phase::tls;
    }
    SUBCASE("response") {
      config.timeouts.response = milliseconds(15);
      expected = Error::Code::response_timeout;
      phase = Phase::response;
    }
    SUBCASE("total") {
      config.timeouts.total = milliseconds(15);
      expected = Error::Code::call_timeout;
      phase = Phase::response;
    }
    SUBCASE("idle") {
      config.timeouts.idle = milliseconds(15);
      expected = Error::Code::response_stalled;
      phase = Phase::response;
    }
    server.on_connection().expect_head().silent();
    const Exchange& done = exchange(std::move(what));
    CHECK(code() == expected);
    CHECK(done.error->phase == phase);
    CHECK(done.timeline.find(phase)->outcome == Outcome::timeout);
    CHECK(done.timeline.find(phase)->length() >= milliseconds(10));
    CHECK(done.timeline.total >= milliseconds(15));
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "a body that stalls strikes the idle limit, one that trickles does not") {
    config.timeouts.idle = milliseconds(40);
    testing::Script& script =
        server.on_connection().expect_head().send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n1");
    for (int i = 0; i < 5; ++i) script.wait(milliseconds(15)).send("2");
    script.silent();
    const Exchange& done = get();
    CHECK(code() == Error::Code::body_stalled);
    CHECK(done.response->body == "122222");
  }
}

}  // namespace xtrace::attempt_failure_test
