#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/tls_meeting.h"
#include "server_fixture.h"
#include "support/fake_source.h"

namespace xtrace::server_tls_test {

using std::chrono::milliseconds;
using testing::bytes_of;
using testing::count_of;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::patterned;
using testing::RawClient;
using testing::Reader;
using testing::ServerFixture;
using testing::Writer;

namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// A server that speaks TLS, and a client of ours.
struct TlsFixture : ServerFixture {
  std::unique_ptr<Handshake> handshake;
  std::unique_ptr<Stream> client;
  Reader answer;
  Writer writer;

  TlsFixture() { config.tls = testing::serving(); }

  void shake() {
    if (!server) listen();
    handshake = shake_hands(loop, testing::visiting(), testing::connected(loop, server->address()),
                            {.host = "api.example.com", .server_name = {}},
                            [this](Expected<TlsSession> session) {
                              REQUIRE(session.has_value());
                              client = std::move(session->stream);
                            });
    loop.run_until([this] { return client != nullptr; });
    answer.read(*client);
  }
  void send(std::string_view text) {
    writer.result.reset();
    writer.write(*client, text);
  }
  void until_answered(std::string_view text) {
    until([&] { return answer.text.find(text) != std::string::npos; });
  }
};

}  // namespace

TEST_SUITE("http/server_tls") {
  TEST_CASE_FIXTURE(TlsFixture, "a connection with TLS is kept and served as one without") {
    const std::string large = patterned(3'000'000);
    bool is_encrypted = false;
    handler = [&](ServerCall call) {
      note_end(call);
      is_encrypted = call.is_encrypted();
      if (call.request().path == "/large") return call.respond(200, "", large);
      auto held = std::make_shared<ServerCall>(std::move(call));
      held->collect_body([held](const Expected<std::string>& body) {
        held->respond(200, "text/plain", "it was " + (body ? *body : "cut"));
      });
    };
    shake();
    const std::string post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n";
    send(post + "Expect: 100-continue\r\n\r\n");
    until_answered("HTTP/1.1 100 Continue\r\n\r\n");
    send("one");
    until_answered("it was one");
    send(post + "\r\ntwo" + post + "\r\nsix");
    until_answered("it was two");
    until_answered("it was six");
    send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    until([&] { return answer.text.ends_with(large); });
    CHECK(is_encrypted);
    CHECK_FALSE(answer.ended);
    until([&] { return ends.size() == 4; });
    CHECK(ends.back().response_body_bytes == large.size());
    CHECK(server->stats().answered == 4);
    CHECK(server->stats().accepted == 1);
    client.reset();
    until([&] { return server->stats().open == 0; });
    CHECK(server->stats().peer_left == 0);
  }

  // Both are written before the first has left: the answer waits for the word before it.
  TEST_CASE_FIXTURE(TlsFixture, "an answer does not run into the 100 Continue before it") {
    handler = [](ServerCall call) {
      call.read_body([](const Expected<std::span<const std::byte>>&) { return Flow::proceed; });
      call.respond(200, "text/plain", "hello\n");
    };
    shake();
    send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    until_answered("hello\n");
    CHECK(answer.text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    send("abc" + std::string(kGet));
    until([&] { return count_of(answer.text, "hello\n") == 2; });
  }

  TEST_CASE_FIXTURE(TlsFixture, "what ends with the answer ends in order, and both may end first") {
    std::optional<ServerCall> held;
    SUBCASE("a long body that nobody reads") {
      const std::string body = patterned(200'000);
      handler = [](ServerCall call) { call.respond(200, "text/plain", "hello\n"); };
      shake();
      const std::string post =
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n" + body;
      send(post);
      until([this] { return answer.ended; });
      CHECK(answer.text.ends_with("hello\n"));
    }
    SUBCASE("a head that is refused") {
      shake();
      send("GET / HTTP/1.1\r\nHost : h\r\n\r\n" + std::string(kGet));
      until([this] { return answer.ended; });
      CHECK(answer.text.starts_with("HTTP/1.1 400 "));
      CHECK(targets.empty());
    }
    SUBCASE("a client that ended its side") {
      handler = [&](ServerCall call) { held = std::move(call); };
      shake();
      send(kGet);
      until([&] { return held.has_value() && writer.is_done(); });
      client->finish_writing();
      loop.spin(20);
      REQUIRE(held->is_open());
      held->respond(200, "text/plain", "hello\n");
      until([this] { return answer.ended; });
      CHECK(answer.text.ends_with("hello\n"));
    }
    CHECK_FALSE(answer.error.has_value());
    client.reset();
    until([this] { return server->stats().open == 0; });
    CHECK(server->stats().peer_left == 0);
    CHECK(server->stats().too_slow == 0);
  }

  TEST_CASE_FIXTURE(TlsFixture, "an answer that is cut is no answer that ended") {
    FakeSourceState source;
    handler = [&](ServerCall call) {
      note_end(call);
      call.respond({.source = std::make_unique<FakeSource>(source)});
    };
    bool is_old = false;  // then nothing but the connection's end ends the answer
    SUBCASE("in chunks") {}
    SUBCASE("to the end of the connection") {
      is_old = true;
    }
    shake();
    send(is_old ? "GET / HTTP/1.0\r\n\r\n" : kGet);
    until([&] { return static_cast<bool>(source.on_read); });
    source.give("a piece");
    until_answered("a piece");
    source.give_error(FakeSource::failure());
    until([this] { return answer.ended || answer.error; });
    CHECK(end_code() == Error::Code::body_source_failed);
    CHECK_FALSE(answer.text.ends_with("0\r\n\r\n"));
    CHECK(answer.ended == !is_old);
  }

  TEST_CASE_FIXTURE(TlsFixture, "handshakes that fail, stall or are given up hold nothing") {
    SUBCASE("what is no handshake") {
      RawClient raw = connect();
      raw.send(kGet);
      until_ended(raw);
      CHECK(raw.received.starts_with("HTTP/1.1 400 "));
      CHECK(server->stats().tls_failed == 1);
    }
    SUBCASE("a client that leaves") {
      RawClient raw = connect();
      raw.send("\x16\x03\x01");
      until([this] { return server->stats().open == 1; });
      raw.close();
      until([this] { return server->stats().tls_failed == 1; });
    }
    SUBCASE("a client that does not go on") {
      config.limits.head = milliseconds(40);
      RawClient raw = connect();
      raw.send("\x16\x03\x01");
      until_ended(raw);
      CHECK(server->stats().too_slow == 1);
      CHECK(server->stats().tls_failed == 0);
    }
    SUBCASE("a server that closes") {
      RawClient raw = connect();
      until([this] { return server->stats().open == 1; });
      bool is_closed = false;
      server->close([&] { is_closed = true; });
      until([&] { return is_closed; });
      until_ended(raw);
    }
    CHECK(server->stats().open == 0);
    CHECK(server->stats().requests == 0);
  }

  TEST_CASE_FIXTURE(TlsFixture, "a server with TLS may be destroyed by its handler and its end") {
    SUBCASE("the handler") {
      handler = [this](const ServerCall&) { server.reset(); };
    }
    SUBCASE("the end") {
      handler = [this](ServerCall call) {
        call.on_end([this](const ServerEnd&) { server.reset(); });
        call.respond(200, "text/plain", "hello\n");
      };
    }
    shake();
    send(std::string(kGet) + std::string(kGet));
    until([this] { return server == nullptr; });
    until([this] { return answer.ended || answer.error; });
    CHECK(count_of(answer.text, "hello\n") <= 1);
  }
}

}  // namespace xtrace::server_tls_test
