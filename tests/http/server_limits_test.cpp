#include <chrono>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "server_fixture.h"
#include "support/fake_source.h"

namespace xtrace::server_limits_test {

using std::chrono::milliseconds;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::patterned;
using testing::RawClient;
using testing::ServerFixture;

namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_SUITE("http/server_limits") {
  TEST_CASE_FIXTURE(ServerFixture,
                    "what could be read in two ways is refused, and the next served") {
    const std::vector<std::pair<std::string, std::string>> refused = {
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400"},
        {"GET / HTTP/1.1\nHost: h\n\n", "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"},
        {"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", "501"},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(50'000, 'x') + "\r\n\r\n", "431"},
        {"GET /" + std::string(50'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", "414"},
        {"\x16\x03\x01\x02", "400"},
    };
    std::uint64_t count = 0;
    for (const auto& each : refused) {
      CAPTURE(each.first.substr(0, 60));
      const std::string answer = answer_to(each.first + std::string(kGet));
      CHECK(answer.starts_with("HTTP/1.1 " + each.second + " "));
      CHECK(answer.find("Connection: close\r\n") != std::string::npos);
      CHECK(testing::count_of(answer, "\r\nDate: ") == 1);
      CHECK(server->stats().refused == ++count);
    }
    CHECK(targets.empty());
    RawClient client = connect();
    client.send(kGet);
    until_received(client, "hello\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a head that does not come in time is 408") {
    config.limits.head = milliseconds(40);
    const auto began = tick_now();
    CHECK(answer_to("GET / HTTP/1.1\r\nHos").starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    CHECK(tick_now() - began >= milliseconds(40));
    CHECK(server->stats().too_slow == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a byte now and then does not put the limit of a head off") {
    config.limits.head = milliseconds(60);
    RawClient client = connect();
    const std::string drip(1000, 'x');
    client.send("GET / HTTP/1.1\r\nX: ");
    until([&] {
      client.send("x");
      client.take();
      return !client.received.empty();
    });
    CHECK(client.received.starts_with("HTTP/1.1 408 "));
  }

  TEST_CASE_FIXTURE(ServerFixture, "a connection without a request is closed in silence") {
    SUBCASE("a fresh one, with the limit of a head") {
      config.limits.head = milliseconds(40);
    }
    SUBCASE("a kept one, when it was idle for long enough") {
      config.limits.idle = milliseconds(40);
    }
    const bool is_kept = config.limits.idle == milliseconds(40);
    RawClient client = connect();
    if (is_kept) {
      client.send(kGet);
      until_received(client, "hello\n");
    }
    until_ended(client);
    CHECK_FALSE(client.is_reset);
    CHECK(client.received.find("408") == std::string::npos);
    CHECK(server->stats().too_slow == (is_kept ? 0 : 1));
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "a body that comes too slowly is 408 for its reader and sender") {
    config.limits.rate_grace = milliseconds(60);
    config.limits.slowest_rate = 1000;
    std::optional<Error> failure;
    handler = [&](ServerCall call) {
      note_end(call);
      auto held = std::make_shared<ServerCall>(std::move(call));
      held->collect_body([&failure, held](const Expected<std::string>& body) {
        if (const Error* error = body.if_error()) failure = *error;
      });
    };
    RawClient client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc");
    until_ended(client);
    CHECK(client.received.starts_with("HTTP/1.1 408 "));
    REQUIRE(failure.has_value());
    CHECK(failure->code == Error::Code::peer_stalled);
    CHECK(end_code() == Error::Code::peer_stalled);
    CHECK(server->stats().too_slow == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a call may allow its body less than the server does") {
    handler = [&](ServerCall call) {
      if (call.request().path == "/less") call.set_body_limit(2);
      auto held = std::make_shared<ServerCall>(std::move(call));
      held->collect_body([held](const Expected<std::string>& body) {
        held->respond(200, "", body ? *body : "cut");
      });
    };
    const std::string rest = " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    const std::string answers = answer_to("POST /" + rest + "POST /less" + rest);
    CHECK(answers.find("\r\n\r\nabc") != std::string::npos);
    CHECK(answers.find("HTTP/1.1 413 ") != std::string::npos);
    CHECK(server->stats().requests == 2);
    CHECK(server->stats().answered == 1);
    CHECK(server->stats().refused == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a client that does not take its answer is cut off") {
    config.limits.rate_grace = milliseconds(60);
    handler = [this](ServerCall call) {
      note_end(call);
      call.respond({.body = patterned(30'000'000)});
    };
    RawClient client = connect();
    client.set_receive_buffer(10'000);
    client.send(kGet);
    until([this] { return !ends.empty(); });
    CHECK(end_code() == Error::Code::peer_stalled);
    CHECK(ends.front().status == 200);
    CHECK(ends.front().response_body_bytes < 30'000'000);
    CHECK(server->stats().too_slow == 1);
    CHECK(server->stats().open == 0);
  }

  TEST_CASE_FIXTURE(ServerFixture, "what the handler holds up is no client's fault") {
    config.limits.rate_grace = milliseconds(20);
    config.limits.slowest_rate = 1'000'000;
    FakeSourceState source;
    std::optional<ServerCall> held;
    handler = [&](ServerCall call) {
      note_end(call);
      held = std::move(call);
      held->read_body([](const Expected<std::span<const std::byte>>&) { return Flow::pause; });
    };
    RawClient client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + patterned(900));
    until([&] { return held.has_value(); });
    const auto wait = [&] {
      const auto began = tick_now();
      until([&] { return tick_now() - began > milliseconds(100); });
    };
    wait();
    CHECK(ends.empty());
    held->respond({.source = std::make_unique<FakeSource>(source)});
    wait();
    CHECK(ends.empty());
    source.give("late");
    source.give("");
    until([this] { return !ends.empty(); });
    CHECK_FALSE(ends.front().error.has_value());
  }

  TEST_CASE_FIXTURE(ServerFixture, "past the limit of connections the one idle for longest goes") {
    config.limits.connections = 3;
    std::vector<RawClient> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(connect());
      clients.back().send(kGet);
      until_received(clients.back(), "hello\n");
    }
    clients[0].received.clear();
    clients[0].send(kGet);
    until_received(clients[0], "hello\n");
    RawClient fourth = connect();
    fourth.send(kGet);
    until_received(fourth, "hello\n");
    until_ended(clients[1]);
    clients[0].take();
    clients[2].take();
    CHECK_FALSE(clients[0].is_ended);
    CHECK_FALSE(clients[2].is_ended);
    CHECK(server->stats().evicted == 1);
    CHECK(server->stats().open == 3);
  }

  TEST_CASE_FIXTURE(ServerFixture, "where none is idle, new connections wait for their turn") {
    config.limits.connections = 2;
    std::vector<ServerCall> held;
    handler = [&](ServerCall call) { held.push_back(std::move(call)); };
    RawClient first = connect();
    RawClient second = connect();
    RawClient third = connect();
    for (RawClient* client : {&first, &second, &third}) client->send(kGet);
    until([&] { return held.size() == 2; });
    loop.spin(20);
    CHECK(held.size() == 2);
    CHECK(server->stats().accepted == 2);
    held[0].respond(200, "text/plain", "hello\n");
    until([&] { return held.size() == 3; });
    CHECK(server->stats().evicted == 1);
    CHECK(server->stats().accepted == 3);
  }

  TEST_CASE_FIXTURE(ServerFixture, "without a descriptor left connections wait, and cost no spin") {
    RawClient client = connect();
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    until([this] { return server->stats().accept_failed > 0; });
    loop.spin(20);
    const std::uint64_t failed = server->stats().accept_failed;
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(failed <= 2);
    client.send(kGet);
    until_received(client, "hello\n");
    CHECK(server->stats().accepted == 1);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a thousand connections are served at once, each its own") {
    config.limits.connections = 2000;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 1000; ++i) {
      clients.push_back(std::make_unique<RawClient>(connect()));
      if (i % 64 == 63) loop.spin(2);  // the kernel's queue has an end
    }
    handler = [](ServerCall call) { call.respond(200, "", call.request().path); };
    for (std::size_t i = 0; i < clients.size(); ++i) {
      clients[i]->send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    until([this] { return server->stats().answered == 1000; });
    for (std::size_t i = 0; i < clients.size(); ++i) {
      until_received(*clients[i], "\r\n\r\n/" + std::to_string(i));
    }
    CHECK(server->stats().open == 1000);
    CHECK(server->stats().answered == 1000);
  }

  TEST_CASE_FIXTURE(ServerFixture,
                    "limits that make no sense, and addresses, are told in a sentence") {
    config.limits.head_bytes = 0;
    auto none = HttpServer::listen(loop, config, handler);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().code == Error::Code::invalid_config);
    CHECK(none.error().message == "the server's limit head_bytes must be more than zero");
    config.limits = {};
    listen();
    config.address = server->address();
    none = HttpServer::listen(loop, config, handler);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().code == Error::Code::listen_failed);
    CHECK(none.error().message ==
          "listen on " + server->address().to_string() + ": address already in use (EADDRINUSE)");
  }
}

}  // namespace xtrace::server_limits_test
