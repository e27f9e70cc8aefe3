#include <string>

#include "client_fixture.h"

namespace xtrace::attempt_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

TEST_SUITE("client/attempt") {
  TEST_CASE_FIXTURE(ClientFixture, "a request over plain http has no dns and no tls phase") {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    const Exchange& done = get("/path?q=1");
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->status == 200);
    CHECK(done.response->body == "hello");
    CHECK(server.received().starts_with("GET /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:"));

    const Timeline& timeline = done.timeline;
    for (const Phase phase : {Phase::dns_wait, Phase::dns, Phase::tls, Phase::proxy}) {
      CHECK(timeline.find(phase) == nullptr);
    }
    for (const Phase phase :
         {Phase::queue, Phase::connect, Phase::request, Phase::response, Phase::body}) {
      REQUIRE(timeline.find(phase) != nullptr);
      CHECK(timeline.find(phase)->outcome == Outcome::ok);
    }
    REQUIRE(timeline.dial_count == 1);
    CHECK(timeline.dials[0].address == server.address());
    CHECK(timeline.remote == server.address());
    CHECK(timeline.local.is_loopback());
    CHECK(timeline.response_body_bytes == 5);
  }

  TEST_CASE_FIXTURE(ClientFixture, "the phases follow each other and end with the total") {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const Timeline& timeline = get().timeline;
    const Span& dial = timeline.dials[0].span;
    CHECK(timeline.find(Phase::queue)->begin == Duration::zero());
    CHECK(timeline.find(Phase::queue)->end <= dial.begin);
    CHECK(dial.end <= timeline.find(Phase::connect)->end);
    CHECK(timeline.find(Phase::connect)->end <= timeline.find(Phase::request)->begin);
    CHECK(timeline.find(Phase::request)->end == timeline.find(Phase::response)->begin);
    CHECK(timeline.find(Phase::response)->end == timeline.find(Phase::body)->begin);
    CHECK(timeline.find(Phase::body)->end == timeline.total);
    CHECK(timeline.other() >= Duration::zero());
  }

  TEST_CASE_FIXTURE(ClientFixture, "a name is looked up, and its wait is told from its lookup") {
    resolver.answers.emplace("named.test", Resolved{.addresses = {server.address()}});
    resolver.queue_time = milliseconds(8);
    resolver.lookup_time = milliseconds(16);
    answer("HTTP/1.1 204 No Content\r\n\r\n");
    Expected<Url> url = Url::parse("http://named.test:" + std::to_string(server.port()) + "/");
    const Exchange& done = exchange(Request(*url));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.timeline.find(Phase::dns_wait)->length() >= milliseconds(8));
    CHECK(done.timeline.find(Phase::dns_wait)->length() < milliseconds(16));
    CHECK(done.timeline.find(Phase::dns)->length() >= milliseconds(16));
    CHECK(done.timeline.dns->host == "named.test");
    CHECK(done.timeline.dns->resolver == "fake");
    CHECK(done.timeline.dns->addresses == std::vector{server.address()});
    CHECK(server.received().find("Host: named.test:") != std::string::npos);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a chunked body arrives whole, with its trailers") {
    answer(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4\r\nwiki\r\n6;x=y\r\npedia \r\n0\r\nX-Sum: 10\r\n\r\n");
    const Exchange& done = get();
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->body == "wikipedia ");
    CHECK_FALSE(done.response->content_length.has_value());
    REQUIRE(done.response->trailers.find("x-sum") != nullptr);
    CHECK(*done.response->trailers.find("x-sum") == "10");
    CHECK(done.timeline.response_body_bytes == 10);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a body without length lasts until the connection ends") {
    answer("HTTP/1.0 200 OK\r\n\r\nall of this");
    const Exchange& done = get();
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->body == "all of this");
    CHECK(done.response->version_minor == 0);
  }

  TEST_CASE_FIXTURE(ClientFixture, "responses without a body end with their head") {
    Request what = request();
    std::string head;
    SUBCASE("HEAD") {
      what.method = "HEAD";
      head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    }
    SUBCASE("204") {
      head = "HTTP/1.1 204 No Content\r\n\r\n";
    }
    SUBCASE("304") {
      head = "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n";
    }
    server.on_connection().expect_head().send(head);  // and the connection stays open
    const Exchange& done = exchange(std::move(what));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->body.empty());
    CHECK(done.timeline.response_body_bytes == 0);
    CHECK(done.timeline.find(Phase::body) != nullptr);
  }

  TEST_CASE_FIXTURE(ClientFixture, "interim responses are kept apart from the first byte") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        .wait(milliseconds(20))
        .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const Exchange& done = get();
    REQUIRE_FALSE(done.error.has_value());
    REQUIRE(done.timeline.interim_count == 1);
    CHECK(done.timeline.interims[0].status == 103);
    CHECK(done.timeline.find(Phase::response)->length() >= milliseconds(20));
    CHECK(done.timeline.interims[0].at + milliseconds(19) < *done.timeline.time_to_first_byte());
  }

  TEST_CASE_FIXTURE(ClientFixture, "a response that comes byte by byte is the same response") {
    server.on_connection().expect_head().send_split(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    const Exchange& done = get();
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->body == "abc");
  }

  TEST_CASE_FIXTURE(ClientFixture, "the body goes to its receiver and is not kept") {
    std::string received_body;
    options.on_body = [&received_body](std::span<const std::byte> piece) -> Expected<Flow> {
      received_body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      return Flow::proceed;
    };
    answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    const Exchange& done = get();
    CHECK(received_body == "hello");
    CHECK(done.response->body.empty());
  }

  TEST_CASE_FIXTURE(ClientFixture, "an IPv6 literal is dialled without a lookup") {
    testing::ScriptedServer six(loop, {.address = Address::from_ip("::1", 0).value()});
    six.on_connection().expect_head().send("HTTP/1.1 204 No Content\r\n\r\n");
    Expected<Url> url = Url::parse(six.url("/"));
    REQUIRE(url.has_value());
    const Exchange& done = exchange(Request(*url));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.timeline.remote.network() == "tcp6");
    CHECK(done.timeline.find(Phase::dns) == nullptr);
    CHECK(six.received().find("Host: [::1]:") != std::string::npos);
  }
}

}  // namespace xtrace::attempt_test
