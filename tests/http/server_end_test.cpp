#include <functional>
#include <memory>
#include <string>

#include "server_fixture.h"
#include "support/fake_source.h"

namespace xtrace::server_end_test {

using testing::count_of;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::patterned;
using testing::RawClient;
using testing::ServerFixture;

namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kPost = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc";

}  // namespace

TEST_SUITE("http/server_end") {
  TEST_CASE_FIXTURE(ServerFixture, "a client that ended its side is answered all the same") {
    std::optional<ServerCall> held;
    handler = [&](ServerCall call) {
      note_end(call);
      held = std::move(call);
    };
    RawClient client = connect();
    client.send(kGet);
    client.end();
    until([&] { return held.has_value(); });
    loop.spin(20);
    CHECK(held->is_open());
    held->respond(200, "text/plain", "hello\n");
    until_ended(client);
    CHECK(testing::body_of(client.received) == "hello\n");
    CHECK(ends.at(0).response_body_bytes == 6);
    CHECK(server->stats().answered == 1);
    CHECK(server->stats().peer_left == 0);
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "a client that resets while its handler thinks ends the exchange") {
    std::optional<ServerCall> held;
    handler = [&](ServerCall call) {
      note_end(call);
      held = std::move(call);
    };
    RawClient client = connect();
    client.send(kGet);
    until([&] { return held.has_value(); });
    client.reset();
    until([this] { return !ends.empty(); });
    CHECK((end_code() == Error::Code::peer_left && ends.front().status == 0));
    CHECK_FALSE(held->is_open());
    CHECK(held->request().target.empty());
    held->respond(200, "", "nobody is there");  // does nothing
    CHECK(server->stats().peer_left == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a client that leaves in the middle of its answer ends it") {
    FakeSourceState source;
    handler = [&](ServerCall call) {
      note_end(call);
      call.respond({.source = std::make_unique<FakeSource>(source)});
    };
    RawClient client = connect();
    client.send(kGet);
    until([&] { return static_cast<bool>(source.on_read); });
    source.give("a piece");
    until_received(client, "a piece");
    client.reset();
    until([this] { return !ends.empty(); });
    CHECK(end_code() == Error::Code::peer_left);
    CHECK(ends.front().status == 200);
    CHECK(ends.front().response_body_bytes == 7);
    CHECK(source.is_gone);
  }

  TEST_CASE_FIXTURE(ServerFixture, "heads and idle connections that are cut leave nothing behind") {
    RawClient half = connect();
    half.send("GET / HT");
    RawClient idle = connect();
    RawClient kept = connect();
    kept.send(kGet);
    until_received(kept, "hello\n");
    CHECK(server->stats().open == 3);
    half.close();
    idle.close();
    kept.reset();
    until([this] { return server->stats().open == 0; });
    CHECK(server->stats().requests == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "a handler may cut the connection, before its answer and in it") {
    FakeSourceState source;
    std::optional<ServerCall> held;
    handler = [&](ServerCall call) {
      note_end(call);
      held = std::move(call);
      if (held->request().path == "/begun") {
        held->respond({.source = std::make_unique<FakeSource>(source)});
      }
    };
    RawClient client = connect();
    SUBCASE("before") {
      client.send(kGet);
      until([&] { return held.has_value(); });
    }
    SUBCASE("in it") {
      client.send("GET /begun HTTP/1.1\r\nHost: h\r\n\r\n");
      until_received(client, "chunked");
    }
    held->abort();
    CHECK(end_code() == Error::Code::unanswered);
    CHECK_FALSE(held->is_open());
    until_ended(client);
    CHECK(client.received.find("\r\n0\r\n") == std::string::npos);
  }

  TEST_CASE_FIXTURE(ServerFixture, "nobody takes the part for the whole that has no other end") {
    FakeSourceState source;
    std::optional<ServerCall> held;
    handler = [&](ServerCall call) {
      held = std::move(call);
      held->respond({.source = std::make_unique<FakeSource>(source)});
    };
    RawClient client = connect();
    client.send("GET / HTTP/1.0\r\n\r\n");
    until([&] { return static_cast<bool>(source.on_read); });
    source.give("a part");
    until_received(client, "a part");
    SUBCASE("where the source fails") {
      source.give_error(FakeSource::failure());
    }
    SUBCASE("where the handler cuts it") {
      held->abort();
    }
    SUBCASE("where the server goes") {
      server.reset();
    }
    until_ended(client);
    CHECK(client.is_reset);
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "close lets requests finish, closes what is idle, takes no more") {
    std::optional<ServerCall> held;
    handler = [&](ServerCall call) { held = std::move(call); };
    RawClient idle = connect();
    RawClient busy = connect();
    const Address address = server->address();
    busy.send(kGet);
    until([&] { return held.has_value(); });
    bool is_closed = false;
    server->close([&] { is_closed = true; });
    CHECK_FALSE(is_closed);
    until_ended(idle);
    CHECK_FALSE(is_closed);
    RawClient late(address);
    CHECK(late.is_refused);
    held->respond(200, "text/plain", "hello\n");
    until([&] { return is_closed; });
    until_ended(busy);
    CHECK(busy.received.find("Connection: close\r\n") != std::string::npos);
    CHECK(testing::body_of(busy.received) == "hello\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "closing a server without connections is told on a later turn") {
    listen();
    bool is_closed = false;
    server->close([&] {
      is_closed = true;
      server.reset();
    });
    CHECK_FALSE(is_closed);
    until([&] { return is_closed; });
  }

  TEST_CASE_FIXTURE(ServerFixture, "abort ends every exchange from inside, and tells who waits") {
    std::vector<ServerCall> held;
    std::optional<Error> failure;
    handler = [&](ServerCall call) {
      note_end(call);
      if (call.request().has_body()) {
        call.collect_body([&](const Expected<std::string>& body) { failure = body.error(); });
      }
      held.push_back(std::move(call));
    };
    RawClient first = connect();
    RawClient second = connect();
    first.send(kGet);
    second.send(kPost);
    until([&] { return held.size() == 2; });
    server->abort();
    REQUIRE(ends.size() == 2);
    for (const ServerEnd& end : ends) CHECK(end.error->code == Error::Code::server_closed);
    CHECK(failure->code == Error::Code::server_closed);
    CHECK(server->stats().open == 0);
    until_ended(first);
    until_ended(second);
  }

  // Wherever user code runs, it may destroy the server: no callback runs afterwards, nothing leaks.
  TEST_CASE_FIXTURE(ServerFixture, "a server may be destroyed from any callback of its own") {
    const auto destroy = [this] { server.reset(); };
    FakeSourceState source;
    std::optional<ServerCall> held;
    std::string request(kPost);
    bool is_left = false;
    SUBCASE("the handler") {
      handler = [&](const ServerCall&) { destroy(); };
    }
    SUBCASE("the handler, having answered") {
      handler = [&](ServerCall call) {
        call.respond(200, "text/plain", "hello\n");
        destroy();
      };
      request = kGet;
    }
    SUBCASE("the handler, of pipelined requests") {
      handler = [&](ServerCall call) {
        if (call.request().path == "/2") destroy();
        call.respond(200, "text/plain", "hello\n");
      };
      request = std::string(kGet) + "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(kGet);
    }
    SUBCASE("the reader of a body") {
      handler = [&](ServerCall call) {
        held = std::move(call);
        held->read_body([&](const Expected<std::span<const std::byte>>& piece) {
          if (piece) destroy();
          return Flow::proceed;
        });
      };
    }
    SUBCASE("the end") {
      handler = [&](ServerCall call) {
        call.on_end([&](const ServerEnd&) { destroy(); });
        call.respond(200, "text/plain", "hello\n");
      };
      request = std::string(kGet) + std::string(kGet);
    }
    SUBCASE("the end, which the client brought about") {
      handler = [&](ServerCall call) {
        call.on_end([&](const ServerEnd&) { destroy(); });
        held = std::move(call);
      };
      request = kGet;
      is_left = true;
    }
    RawClient client = connect();
    client.send(request);
    if (is_left) {
      until([&] { return held.has_value(); });
      client.reset();
    }
    until([this] { return server == nullptr; });
    held.reset();
    loop.spin();
  }

  TEST_CASE_FIXTURE(ServerFixture, "a call given away with its body comes back when that is cut") {
    std::optional<ServerCall> call;
    handler = [&](ServerCall incoming) {
      note_end(incoming);
      collect_body(std::move(incoming), [&](ServerCall back, const Expected<std::string>& whole) {
        CHECK(whole.error().code == Error::Code::peer_left);
        call = std::move(back);
      });
    };
    RawClient client = connect();
    client.send(kPost);
    client.end();
    until([&] { return call.has_value(); });
    CHECK_FALSE(call->is_open());
    CHECK(end_code() == Error::Code::peer_left);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a call outlives its server") {
    std::optional<ServerCall> held;
    handler = [&](ServerCall call) { held = std::move(call); };
    RawClient client = connect();
    client.send(kGet);
    until([&] { return held.has_value(); });
    server.reset();
    CHECK_FALSE(held->is_open());
    CHECK_FALSE(held->peer().is_set());
    held->resume();
    held->add_header("a", "b");
    held->respond({.status = 200});
    held->abort();
  }
}

}  // namespace xtrace::server_end_test
