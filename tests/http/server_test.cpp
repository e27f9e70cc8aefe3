#include <array>
#include <string>

#include <unistd.h>

#include "server_fixture.h"
#include "support/fake_source.h"
#include "support/listener.h"
#include "support/scratch.h"

namespace xtrace::server_test {

using testing::count_of;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::RawClient;
using testing::ServerFixture;

namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kLast = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_SUITE("http/server") {
  TEST_CASE_FIXTURE(ServerFixture, "a request is answered with what the handler said, and a date") {
    const std::string answer = answer_to(kLast);
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nDate: "));
    CHECK(answer.find(" GMT\r\nContent-Length: 6\r\nConnection: close\r\n"
                      "Content-Type: text/plain\r\n\r\nhello\n") != std::string::npos);
    CHECK(targets == std::vector<std::string>{"/last"});
    const HttpServerStats stats = server->stats();
    CHECK(stats.accepted == 1);
    CHECK(stats.open == 0);
    CHECK(stats.requests == 1);
    CHECK(stats.answered == 1);
    CHECK(stats.refused == 0);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a connection is kept for one request after the other") {
    RawClient client = connect();
    for (std::size_t i = 1; i <= 3; ++i) {
      client.send(kGet);
      until([&] {
        client.take();
        return count_of(client.received, "hello\n") == i;
      });
      CHECK_FALSE(client.is_ended);
    }
    CHECK(client.received.find("Connection:") == std::string::npos);
    CHECK(server->stats().accepted == 1);
    CHECK(server->stats().answered == 3);
  }

  TEST_CASE_FIXTURE(ServerFixture, "an HTTP/1.0 client is kept only where it asks to be") {
    CHECK(answer_to("GET / HTTP/1.0\r\n\r\n").find("Connection: close") != std::string::npos);
    RawClient client = connect();
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    until_received(client, "Connection: keep-alive\r\n");
    client.send("GET /second HTTP/1.0\r\n\r\n");
    until_ended(client);
    CHECK(count_of(client.received, "hello\n") == 2);
  }

  TEST_CASE_FIXTURE(ServerFixture, "pipelined requests are answered in order, one at a time") {
    std::vector<ServerCall> held;
    handler = [&](ServerCall call) {
      targets.emplace_back(call.request().target);
      held.push_back(std::move(call));
    };
    RawClient client = connect();
    std::string requests;
    for (const char name : {'a', 'b', 'c'}) {
      requests.append("GET /").append(1, name).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    client.send(requests);
    for (const std::string name : {"a", "b", "c"}) {
      until([&] { return held.size() == 1; });
      CHECK(targets.back() == "/" + name);
      loop.spin();
      CHECK(held.size() == 1);
      held.back().respond(200, "text/plain", "answer to " + name);
      held.clear();
    }
    until_received(client, "answer to c");
    CHECK(client.received.find("answer to a") < client.received.find("answer to b"));
    CHECK(client.received.find("answer to b") < client.received.find("answer to c"));
  }

  TEST_CASE_FIXTURE(ServerFixture, "requests split at every byte are answered the same") {
    const std::string request =
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    std::string body;
    handler = [&](ServerCall incoming) {
      collect_body(std::move(incoming), [&](ServerCall call, const Expected<std::string>& whole) {
        body = whole ? *whole : "cut";
        call.respond(200, "text/plain", "hello\n");
      });
    };
    RawClient client = connect();
    for (std::size_t at = 1; at < request.size(); ++at) {
      CAPTURE(at);
      body.clear();
      client.received.clear();
      client.send(request.substr(0, at));
      loop.spin();
      client.send(request.substr(at));
      until_received(client, "hello\n");
      REQUIRE(body == "abc");
    }
    CHECK(server->stats().accepted == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "HEAD, 204 and 304 have no body, and the connection stays in step") {
    handler = [this](ServerCall call) {
      targets.emplace_back(call.request().target);
      const int status = call.request().path == "/none"   ? 204
                         : call.request().path == "/same" ? 304
                                                          : 200;
      call.respond({.status = status, .body = "a body\n"});
    };
    RawClient client = connect();
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n");
    client.send("GET /same HTTP/1.1\r\nHost: h\r\n\r\n");
    client.send(kLast);
    until_ended(client);
    CHECK(count_of(client.received, "HTTP/1.1 ") == 4);
    CHECK(count_of(client.received, "a body") == 1);
    CHECK(count_of(client.received, "Content-Length: 7\r\n") == 2);
    CHECK(count_of(client.received, "Content-Length") == 2);
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "fields are sent as given, but those that frame or break lines") {
    handler = [](ServerCall call) {
      call.add_header("X-First", "1");
      call.add_header("Connection", "upgrade");
      call.respond({.status = 302,
                    .headers = {{"Location", "/a\r\nSet-Cookie: stolen=1"},
                                {"Content-Length", "99"},
                                {"Transfer-Encoding", "chunked"},
                                {"Bad Name", "x"},
                                {"X-Twice", "1"},
                                {"X-Twice", "2"}}});
    };
    const std::string answer = answer_to(kLast);
    CHECK(answer.starts_with("HTTP/1.1 302 Found\r\n"));
    CHECK(answer.find("\r\nX-First: 1\r\nLocation: /a  Set-Cookie: stolen=1\r\n"
                      "X-Twice: 1\r\nX-Twice: 2\r\n\r\n") != std::string::npos);
    CHECK(count_of(answer, "Content-Length: 0\r\n") == 1);
    CHECK(answer.find("99") == std::string::npos);
    CHECK(answer.find("chunked") == std::string::npos);
    CHECK(answer.find("Bad Name") == std::string::npos);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a source is sent in chunks, by its size, or to the end") {
    FakeSourceState state;
    handler = [&](ServerCall call) {
      note_end(call);
      call.respond({.source = std::make_unique<FakeSource>(state)});
    };
    SUBCASE("in chunks") {
      state.ready = {"one ", "two", ""};
      const std::string answer = answer_to(kLast);
      CHECK(answer.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
      CHECK(testing::body_of(answer) == "4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n");
    }
    SUBCASE("by its size") {
      state.size = 7;
      state.ready = {"one ", "two", ""};
      const std::string answer = answer_to(kLast);
      CHECK(answer.find("Content-Length: 7\r\n") != std::string::npos);
      CHECK(testing::body_of(answer) == "one two");
    }
    SUBCASE("to the end of an HTTP/1.0 client's connection") {
      state.ready = {"one ", "two", ""};
      const std::string answer = answer_to("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      CHECK(answer.find("Connection: close\r\n") != std::string::npos);
      CHECK(testing::body_of(answer) == "one two");
    }
    REQUIRE(ends.size() == 1);
    CHECK(ends.front().status == 200);
    CHECK(ends.front().response_body_bytes == 7);
    CHECK_FALSE(ends.front().error.has_value());
  }

  TEST_CASE_FIXTURE(ServerFixture, "HEAD is told a source's framing, and the source is not read") {
    FakeSourceState state;
    state.size = 7;
    handler = [&](ServerCall call) {
      call.respond({.source = std::make_unique<FakeSource>(state)});
    };
    const std::string answer = answer_to("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(answer.find("Content-Length: 7\r\n") != std::string::npos);
    CHECK(testing::body_of(answer).empty());
    CHECK(state.reads == 0);
    CHECK(state.is_gone);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a large answer waits for its taker, in bounded memory") {
    FakeSourceState state;
    constexpr int kPieces = 400;
    for (int i = 0; i < kPieces; ++i) state.ready.push_back(testing::patterned(50'000));
    state.ready.emplace_back();
    handler = [&](ServerCall call) {
      call.respond({.source = std::make_unique<FakeSource>(state)});
    };
    RawClient client = connect();
    client.send("GET / HTTP/1.0\r\n\r\n");
    int reads = -1;
    int same = 0;
    until([&] {
      same = state.reads == reads ? same + 1 : 0;
      reads = state.reads;
      return reads > 0 && same > 50;
    });
    CHECK(reads < kPieces);
    until_ended(client);
    CHECK(testing::body_of(client.received).size() == kPieces * 50'000U);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a source that breaks off breaks the connection off") {
    FakeSourceState state;
    state.size = 10;
    handler = [&](ServerCall call) {
      note_end(call);
      call.respond({.source = std::make_unique<FakeSource>(state)});
    };
    SUBCASE("in the middle of its answer") {
      RawClient client = connect();
      client.send(kGet);
      until([&] { return static_cast<bool>(state.on_read); });
      state.give("only four");
      until_received(client, "Content-Length: 10\r\n");
      state.give("");
      until_ended(client);
      CHECK(testing::body_of(client.received) == "only four");
      CHECK(ends.front().status == 200);
    }
    SUBCASE("before any of it left: then it is 500") {
      state.ready = {"only four", ""};
      const std::string answer = answer_to(kLast);
      CHECK(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
      CHECK(ends.front().status == 500);
    }
    CHECK(end_code() == Error::Code::body_source_failed);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a call that is dropped is answered with 500 and counted") {
    handler = [this](ServerCall call) { note_end(call); };
    CHECK(answer_to(kLast).starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(end_code() == Error::Code::unanswered);
    CHECK(ends.front().status == 500);
    CHECK(server->stats().unanswered == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a call knows both ends of its connection and when it began") {
    const TimePoint before = now();
    handler = [&](ServerCall call) {
      CHECK(call.peer().host() == "127.0.0.1");
      CHECK(call.local() == server->address());
      CHECK_FALSE(call.is_encrypted());
      CHECK(call.started().tick >= before.tick);
      CHECK(call.started().wall >= before.wall);
      CHECK(call.is_open());
      call.respond(200, "", "");
      CHECK(call.is_open());
    };
    CHECK(answer_to(kLast).find("Content-Type") == std::string::npos);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a Unix socket's path is taken from the dead, not the living") {
    const testing::Scratch scratch;
    const std::string path = scratch.path("server");
    config.address = *Address::from_path(path);
    {
      const Descriptor dead = testing::bind_socket(config.address);  // never removed its path
    }
    CHECK(answer_to(kLast).starts_with("HTTP/1.1 200 OK\r\n"));
    const auto second = HttpServer::listen(loop, config, handler);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Error::Code::listen_failed);
    CHECK(second.error().message ==
          "listen on unix:" + path + ": address already in use (EADDRINUSE)");
    server.reset();
    CHECK(access(path.c_str(), F_OK) != 0);
    config.address = *Address::from_path(scratch.write("file", "precious"));
    CHECK_FALSE(HttpServer::listen(loop, config, handler).has_value());
    CHECK(scratch.read("file") == "precious");
  }
}

}  // namespace xtrace::server_test
