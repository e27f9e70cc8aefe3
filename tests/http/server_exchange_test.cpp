#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server_fixture.h"
#include "support/fake_source.h"
#include "support/scratch.h"

namespace xtrace::server_exchange_test {

using std::chrono::milliseconds;
using testing::count_of;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::patterned;
using testing::RawClient;
using testing::ServerFixture;

namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kExpecting =
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";

/// Its user's code where the server calls it: when it is read, and when it goes.
class TouchySource final : public BodySource {
 public:
  TouchySource(std::function<void()> on_read, std::function<void()> on_gone)
      : on_read_(std::move(on_read)), on_gone_(std::move(on_gone)) {}
  TouchySource(const TouchySource&) = delete;
  TouchySource& operator=(const TouchySource&) = delete;
  ~TouchySource() override {
    if (on_gone_) on_gone_();
  }

  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  void read(Callback<void(Expected<std::span<const std::byte>>)> on_read) override {
    if (const auto told = on_read_) return told();
    on_read(std::span<const std::byte>());
  }

 private:
  std::function<void()> on_read_;
  std::function<void()> on_gone_;
};

/// Runs when the last copy of what holds it goes.
std::shared_ptr<void> when_gone(std::function<void()> told) {
  return {nullptr, [told = std::move(told)](void*) { told(); }};
}

struct ExchangeFixture : ServerFixture {
  std::optional<ServerCall> held;

  void hold_calls() {
    handler = [this](ServerCall call) {
      note_end(call);
      held = std::move(call);
    };
  }
  void until_held() {
    until([this] { return held.has_value(); });
  }
  void wait(milliseconds time) {
    const auto began = tick_now();
    until([&] { return tick_now() - began > time; });
  }
};

}  // namespace

TEST_SUITE("http/server_exchange") {
  TEST_CASE_FIXTURE(ExchangeFixture,
                    "a server may be destroyed by what an answer owns, and from its source") {
    const auto destroy = [this] { server.reset(); };
    bool is_told = false;
    SUBCASE("the source, when it goes") {
      handler = [&](ServerCall call) {
        call.on_end([&is_told](const ServerEnd&) { is_told = true; });
        call.respond({.source = std::make_unique<TouchySource>(nullptr, destroy)});
      };
    }
    SUBCASE("the source, when it is read") {
      handler = [&](ServerCall call) {
        call.on_end([&is_told](const ServerEnd&) { is_told = true; });
        call.respond({.source = std::make_unique<TouchySource>(destroy, nullptr)});
      };
    }
    SUBCASE("what the listener of the end holds") {
      handler = [&](ServerCall call) {
        call.on_end([&is_told, last = when_gone(destroy)](const ServerEnd&) { is_told = true; });
        call.respond(200, "text/plain", "hello\n");
      };
    }
    SUBCASE("what the reader of the body holds, that was not told its end") {
      handler = [&](ServerCall call) {
        call.on_end([&is_told](const ServerEnd&) { is_told = true; });
        call.read_body([last = when_gone(destroy)](const Expected<std::span<const std::byte>>&) {
          return Flow::pause;
        });
        call.respond(200, "text/plain", "hello\n");
      };
    }
    RawClient client = connect();
    client.send(std::string(kGet) + std::string(kGet));
    until([this] { return server == nullptr; });
    CHECK(is_told);
    loop.spin();
  }

  TEST_CASE_FIXTURE(ExchangeFixture, "a call may be broken off from its source and its reader") {
    hold_calls();
    RawClient client = connect();
    SUBCASE("its source") {
      client.send(kGet);
      until_held();
      held->respond({.source = std::make_unique<TouchySource>([this] { held->abort(); }, nullptr)});
    }
    SUBCASE("its reader") {
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
      until_held();
      held->read_body([this](const Expected<std::span<const std::byte>>&) {
        held->abort();
        return Flow::proceed;
      });
    }
    until_ended(client);
    CHECK(client.received.empty());
    CHECK(end_code() == Error::Code::unanswered);
    CHECK_FALSE(held->is_open());
    CHECK(server->stats().unanswered == 1);
    CHECK(server->stats().open == 0);
  }

  TEST_CASE_FIXTURE(ExchangeFixture, "resuming what nobody reads yet asks for nothing") {
    hold_calls();
    RawClient client = connect();
    client.send(kExpecting);
    until_held();
    held->resume();
    client.send("abc");
    loop.spin(20);
    client.take();
    CHECK(client.received.empty());
    std::string body;
    held->collect_body([&](Expected<std::string> whole) { body = whole ? *whole : "cut"; });
    until([&] { return !body.empty(); });
    CHECK(body == "abc");
  }

  // A Unix socket takes a small write whole or not at all, and a fixed number of them.
  TEST_CASE_FIXTURE(ExchangeFixture, "a source that fails behind a head that waits is no 500") {
    const testing::Scratch scratch;
    config.address = *Address::from_path(scratch.path("server"));
    constexpr std::size_t kNever = 1'000'000;
    std::size_t calls = 0;
    std::size_t failing = kNever;
    FakeSourceState state;
    const std::string body = patterned(10'000);
    handler = [&](ServerCall call) {
      if (calls++ < failing) return call.respond(200, "", body);
      note_end(call);
      call.respond({.source = std::make_unique<FakeSource>(state)});
    };
    std::string requests;
    for (int i = 0; i < 200; ++i) requests += kGet;
    {
      RawClient client = connect();
      CHECK(client.send(requests) == requests.size());
      until([&] { return calls > 0; });
      for (std::size_t before = 0; before != calls;) {
        before = calls;
        loop.spin(50);
      }
      REQUIRE(calls < 200);
    }
    until([this] { return server->stats().open == 0; });
    failing = std::exchange(calls, 0) - 1;  // the one whose answer found no room
    RawClient client = connect();
    client.send(requests);
    until([&] { return static_cast<bool>(state.on_read); });
    state.give_error(FakeSource::failure());
    until([this] { return !ends.empty(); });
    CHECK(end_code() == Error::Code::body_source_failed);
    CHECK(ends.front().status == 200);
    CHECK(ends.front().response_body_bytes == 0);
    until_ended(client);
    CHECK(count_of(client.received, "HTTP/1.1 200 OK\r\n") == failing);
    CHECK(client.received.find("500 Internal") == std::string::npos);
    CHECK(server->stats().unanswered == 1);
  }

  TEST_CASE_FIXTURE(ExchangeFixture, "a client that stalls the body its answer is made of is cut") {
    config.limits.rate_grace = milliseconds(60);
    hold_calls();
    FakeSourceState echo;
    RawClient client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc");
    until_held();
    held->read_body([](const Expected<std::span<const std::byte>>&) { return Flow::proceed; });
    held->respond({.source = std::make_unique<FakeSource>(echo)});
    until_ended(client);
    CHECK(end_code() == Error::Code::peer_stalled);
    CHECK(ends.front().error->message.find("the body of its request") != std::string::npos);
    CHECK(server->stats().too_slow == 1);
    CHECK(echo.is_gone);
  }

  TEST_CASE_FIXTURE(ExchangeFixture,
                    "an answer says that what it leaves unread ends the connection") {
    hold_calls();
    RawClient client = connect();
    SUBCASE("a body that was not asked for") {
      client.send(kExpecting);
    }
    SUBCASE("a long one") {
      client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    }
    until_held();
    held->respond(200, "text/plain", "hello\n");
    until_ended(client);
    CHECK(client.received.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(testing::body_of(client.received) == "hello\n");
  }

  TEST_CASE_FIXTURE(ExchangeFixture,
                    "an answer is not overtaken by the reset of what is behind it") {
    RawClient client = connect();
    std::string requests = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    while (requests.size() < 150'000) requests += kGet;  // more than is read at once
    CHECK(client.send(requests) == requests.size());
    until_ended(client);
    CHECK_FALSE(client.is_reset);
    CHECK(testing::body_of(client.received) == "hello\n");
    CHECK(server->stats().requests == 1);
  }

  TEST_CASE_FIXTURE(ExchangeFixture, "waits without an end are for ever, not for no time") {
    config.limits.head = Duration::max();
    config.limits.idle = Duration::max();
    config.limits.rate_grace = milliseconds(20);  // how often limits are looked at
    RawClient client = connect();
    client.send("GET / HT");
    wait(milliseconds(40));
    client.send("TP/1.1\r\nHost: h\r\n\r\n");
    until_received(client, "hello\n");
    wait(milliseconds(40));
    CHECK(server->stats().open == 1);
    CHECK(server->stats().too_slow == 0);
  }

  TEST_CASE_FIXTURE(ExchangeFixture, "each request is counted once for how it ended") {
    FakeSourceState failing;
    failing.ready = {std::string(FakeSource::kFailure)};
    handler = [&](ServerCall call) {
      const std::string path(call.request().path);
      if (path == "/dropped") return;
      if (path == "/source") return call.respond({.source = std::make_unique<FakeSource>(failing)});
      call.respond(200, "text/plain", "hello\n");
    };
    RawClient client = connect();
    for (const char* path : {"/dropped", "/source", "/"}) {
      client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    until_received(client, "hello\n");
    CHECK(count_of(client.received, "HTTP/1.1 500 ") == 2);
    until([this] { return server->stats().answered == 1; });
    CHECK(server->stats().requests == 3);
    CHECK(server->stats().unanswered == 2);
  }

  TEST_CASE_FIXTURE(ExchangeFixture, "the listeners of the end run in their order, the call gone") {
    std::string order;
    handler = [&](ServerCall call) {
      held = std::move(call);
      held->on_end([&](const ServerEnd&) { order += held->is_open() ? "open" : "1"; });
      held->on_end([&](const ServerEnd&) { order += '2'; });
      held->on_end([&](const ServerEnd&) { held->abort(); });
      held->respond(200, "text/plain", "hello\n");
      held->add_header("X-Late", "1");
    };
    RawClient client = connect();
    client.send(kGet);
    until_received(client, "hello\n");
    until([&] { return order == "12"; });
    client.send(kGet);
    until([&] { return order == "1212"; });
    CHECK(client.received.find("X-Late") == std::string::npos);
  }
}

}  // namespace xtrace::server_exchange_test
