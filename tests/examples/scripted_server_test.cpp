#include "scripted_server/scripted_server.h"

#include <chrono>
#include <optional>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/client.h>

#include "support/test_loop.h"

namespace xtrace::examples::scripted_server_test {

namespace {

using namespace std::chrono_literals;

struct Fixture {
  testing::TestLoop loop;
  std::unique_ptr<ScriptedServer> server;
  std::optional<Client> client;
  Call call;
  std::optional<Exchange> result;
  std::vector<std::string> pieces;  ///< Of the body.

  explicit Fixture(std::vector<ScriptedReply> script) {
    auto started = ScriptedServer::start(std::move(script));
    REQUIRE(started.has_value());
    server = std::move(started).value();
    ClientConfig config{.decoding = {.is_on = false}, .proxy = ProxyConfig()};
    config.tls.accept_any_certificate = true;
    client.emplace(loop, finalize_config(std::move(config)).value());
  }

  void start(std::string_view path = "/") {
    result.reset();
    pieces.clear();
    Request request(Url::parse(server->url(path)).value());
    request.headers.add("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793");
    CallOptions options;
    options.on_body = [this](std::span<const std::byte> bytes) -> Expected<Flow> {
      pieces.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return Flow::proceed;
    };
    call = client->start(std::move(request), std::move(options),
                         [this](Exchange exchange) { result = std::move(exchange); });
  }

  const Response& get(std::string_view path = "/") {
    start(path);
    loop.run_until([this] { return result.has_value(); });
    REQUIRE_FALSE(result->error.has_value());
    return *result->response;
  }

  std::string body() const {
    std::string all;
    for (const std::string& piece : pieces) all += piece;
    return all;
  }
};

}  // namespace

TEST_SUITE("examples/scripted_server") {
  TEST_CASE("requests get the replies in the order they arrive, and 400 past the script") {
    Fixture fixture({{.status = 503}, {.headers = {{"X-Kind", "second"}}, .body = "two"}});
    const Response& first = fixture.get();
    CHECK(first.status == 503);
    CHECK_FALSE(first.content_length.has_value());
    CHECK(fixture.body().empty());
    const Response& second = fixture.get();
    CHECK(second.status == 200);
    CHECK(second.content_length == 3);
    CHECK(*second.headers.find("x-kind") == "second");
    CHECK(fixture.body() == "two");
    CHECK(fixture.get().status == 400);
    CHECK(fixture.body() == "Out of instructions");
  }

  TEST_CASE("the server tells what it received, and on which connection") {
    Fixture fixture({{}, {}});
    fixture.get();
    fixture.get();
    fixture.client->close_idle();
    fixture.get();
    const auto received = fixture.server->received();
    REQUIRE(received.size() == 3);
    CHECK(received[1].connection == received[0].connection);
    CHECK(received[2].connection > received[1].connection);
    CHECK(received[0].request_line == "GET / HTTP/1.1");
    CHECK(received[0].trace_header == "Root=1-5759e988-bd862e3fe1be46a994272793");
  }

  TEST_CASE("a head and a body are delayed, and a body that takes its time comes byte by byte") {
    Fixture fixture(
        {{.header_delay = 20ms, .body_delay = 30ms, .body_service_time = 40ms, .body = "slow"}});
    fixture.get();
    // Only what spans the whole delay has a bound: the client may look late at where it begins.
    CHECK(fixture.result->timeline.time_to_first_byte().value() >= 20ms);
    CHECK(fixture.result->timeline.total >= 90ms);
    CHECK(fixture.body() == "slow");
    CHECK(fixture.pieces.size() > 1);
  }

  TEST_CASE("an empty body may take its time, too") {
    Fixture fixture({{.body_service_time = 40ms, .body = ""}});
    CHECK(fixture.get().content_length == 0);
  }

  TEST_CASE("who said hello, beside the script, continues the session on a new connection") {
    Fixture fixture({{.body = "first"}});
    CHECK(fixture.get("/hello").status == 204);
    CHECK_FALSE(fixture.result->timeline.tls->resumed);
    CHECK(fixture.server->received().empty());
    fixture.get();
    CHECK_FALSE(fixture.result->timeline.reused);
    CHECK(fixture.result->timeline.tls->resumed);
    CHECK(fixture.body() == "first");
  }

  TEST_CASE("the server's end does not wait for what it still has to say") {
    constexpr auto kNever = 1h;
    ScriptedReply reply;
    SUBCASE("in a head's delay") {
      reply.header_delay = kNever;
    }
    SUBCASE("in a body's delay") {
      reply.body_delay = kNever;
    }
    SUBCASE("between two bytes") {
      reply.body_service_time = kNever;
      reply.body = "never";
    }
    Fixture fixture({reply});
    fixture.start();
    fixture.loop.run_until_threads([&fixture] { return !fixture.server->received().empty(); });
    fixture.server.reset();  // or the test takes an hour
    fixture.loop.run_until([&fixture] { return fixture.result.has_value(); });
    CHECK(fixture.result->error.has_value());
  }

  TEST_CASE("a client that goes away in the middle of a reply ends its connection alone") {
    Fixture fixture({{.header_delay = 1h}, {.body = "next"}});
    fixture.start();
    fixture.loop.run_until_threads([&fixture] { return !fixture.server->received().empty(); });
    fixture.call = Call();
    fixture.get();
    CHECK(fixture.body() == "next");
    const auto received = fixture.server->received();
    CHECK(received[1].connection > received[0].connection);
  }
}

}  // namespace xtrace::examples::scripted_server_test
