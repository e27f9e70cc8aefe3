#include "collect/forward_otlp.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "collect/forward_udp.h"
#include "documents.h"
#include "net/descriptor.h"
#include "net/sockaddr.h"
#include "support/listener.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace forward_otlp_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace std::chrono_literals;
using xtrace::collect::testing::segment;
using xtrace::testing::ScriptedServer;

namespace {

constexpr std::string_view kDone = R"("end_time":2)";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string answer(std::string_view status, std::string_view body = "{}",
                   std::string_view field = "") {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(field) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// A forwarder to a server that says what the test wants.
struct Forwarding {
  xtrace::testing::TestLoop loop;
  ScriptedServer server{loop};
  std::unique_ptr<ForwardOtlp> tap;
  bool is_closed = false;

  void start(ForwardOtlpConfig config) {
    auto made = ForwardOtlp::make(loop, std::move(config));
    REQUIRE(made.has_value());
    tap = std::move(*made);
  }
  ForwardOtlpConfig config() const {
    return {.url = *Url::parse(server.url("/v1/traces")),
            .batch_delay = 1ms,
            .first_retry = 1ms,
            .longest_retry = 2ms,
            .close_limit = 50ms};
  }
  std::uint64_t counter(std::string_view name) const { return tap->counters().find(name)->second; }
  void until(std::string_view name, std::uint64_t value) {
    loop.run_until([&] { return counter(name) == value; });
  }
  void close() {
    tap->close([this] { is_closed = true; });
    CHECK_FALSE(is_closed);
    loop.run_until([this] { return is_closed; });
  }
};

}  // namespace

TEST_SUITE("collect/forward_otlp") {
  TEST_CASE("documents go on as spans, several in one request, each without waiting for others") {
    Forwarding forwarding;
    forwarding.server.on_connection().expect("resourceSpans").send(answer("200 OK"));
    forwarding.start(forwarding.config());
    forwarding.tap->take(segment(1, 1, std::string(kDone)));
    forwarding.tap->take(segment(2, 2, std::string(kDone)));
    forwarding.tap->take(segment(2, 3, R"("in_progress":true)"));
    forwarding.tap->take("no JSON");
    forwarding.until("sent", 2);
    const std::string sent = forwarding.server.received();
    CHECK(has(sent, "POST /v1/traces HTTP/1.1\r\n"));
    CHECK(has(sent, "Content-Type: application/json\r\n"));
    CHECK(has(sent, R"("traceId":"58406520000000000000000000000001")"));
    CHECK(has(sent, R"("traceId":"58406520000000000000000000000002")"));
    CHECK_FALSE(has(sent, R"("spanId":"0000000000000003")"));
    CHECK(forwarding.counter("requests") == 1);
    CHECK(forwarding.counter("in_progress") == 1);
    CHECK(forwarding.counter("failed") == 1);
    CHECK(forwarding.tap->target() ==
          "otlp://" + forwarding.server.address().to_string() + "/v1/traces");
    forwarding.close();
  }

  TEST_CASE("a batch that is full is sent at once, and the next when that is taken") {
    Forwarding forwarding;
    forwarding.server.on_connection()
        .expect("resourceSpans")
        .send(answer("200 OK"))
        .expect("resourceSpans")
        .send(answer("200 OK"));
    ForwardOtlpConfig config = forwarding.config();
    config.batch_delay = 1h;
    config.batch_spans = 2;
    forwarding.start(std::move(config));
    for (int id = 1; id <= 4; ++id) forwarding.tap->take(segment(1, id, std::string(kDone)));
    forwarding.until("sent", 4);
    CHECK(forwarding.counter("requests") == 2);
    forwarding.tap->take(segment(1, 5, std::string(kDone)));
    CHECK(forwarding.counter("queued") == 1);
    SUBCASE("what is left goes when it closes") {
      forwarding.server.on_connection().expect("resourceSpans").send(answer("200 OK"));
      forwarding.close();
      CHECK(forwarding.counter("sent") + forwarding.counter("dropped") == 5);
    }
  }

  TEST_CASE("what the collector cannot take now is sent again") {
    Forwarding forwarding;
    auto& script = forwarding.server.on_connection();
    SUBCASE("when it says") {
      script.expect("resourceSpans")
          .send(answer("503 Service Unavailable", "", "Retry-After: 1\r\n"))
          .expect("resourceSpans")
          .send(answer("200 OK"));
    }
    SUBCASE("when the connection is cut") {
      script.expect("resourceSpans").reset();
      forwarding.server.on_connection().expect("resourceSpans").send(answer("200 OK"));
    }
    forwarding.start(forwarding.config());
    const Tick begun = tick_now();
    forwarding.tap->take(segment(1, 1, std::string(kDone)));
    forwarding.until("sent", 1);
    CHECK(forwarding.counter("retries") == 1);
    CHECK(forwarding.counter("failed") == 0);
    if (has(forwarding.tap->last_error(), "503")) CHECK(tick_now() - begun >= 1s);
    forwarding.close();
  }

  TEST_CASE("what the collector refuses is lost and counted, and told why") {
    Forwarding forwarding;
    forwarding.server.on_connection()
        .expect("resourceSpans")
        .send(answer("400 Bad Request"))
        .expect("resourceSpans")
        .send(answer("200 OK",
                     R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}})"));
    forwarding.start(forwarding.config());
    forwarding.tap->take(segment(1, 1, std::string(kDone)));
    forwarding.until("failed", 1);
    CHECK(forwarding.tap->last_error() == "the collector answered with status 400");
    forwarding.tap->take(segment(1, 2, std::string(kDone)));
    forwarding.until("rejected_spans", 1);
    CHECK(forwarding.counter("sent") == 1);
    CHECK(forwarding.tap->last_error() == "the collector rejected spans: too old");
    forwarding.close();
  }

  TEST_CASE("a collector that is slow or gone costs bounded memory and a bounded end") {
    Forwarding forwarding;
    forwarding.server.on_connection().silent();
    ForwardOtlpConfig config = forwarding.config();
    config.queue_bytes = 1000;
    SUBCASE("slow") {}
    SUBCASE("gone") {
      const xtrace::testing::RefusingAddress nobody;
      config.url = *Url::parse("http://" + nobody.address().to_string() + "/v1/traces");
    }
    forwarding.start(std::move(config));
    for (int id = 1; id <= 100; ++id) forwarding.tap->take(segment(1, id, std::string(kDone)));
    CHECK(forwarding.counter("dropped") > 80);
    CHECK(forwarding.counter("queued") == 100 - forwarding.counter("dropped"));
    forwarding.until("requests", 1);
    forwarding.close();
    CHECK(forwarding.counter("dropped") == 100);
    CHECK(forwarding.counter("queued") == 0);
  }

  TEST_CASE("a batch is given up when patience is at its end") {
    Forwarding forwarding;
    forwarding.server.on_connection().expect("resourceSpans").send(answer("429 Slow Down"));
    ForwardOtlpConfig config = forwarding.config();
    config.patience = Duration::zero();
    forwarding.start(std::move(config));
    forwarding.tap->take(segment(1, 1, std::string(kDone)));
    forwarding.until("dropped", 1);
    CHECK(forwarding.counter("retries") == 0);
    forwarding.close();
  }

  TEST_CASE("a daemon gets every document as it came, behind the daemon's header") {
    xtrace::testing::TestLoop loop;
    const Address any = Address::from_ipv4({127, 0, 0, 1}, 0);
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_storage wanted = to_sockaddr(any);
    REQUIRE(bind(socket.get(), reinterpret_cast<const sockaddr*>(&wanted), sizeof(sockaddr_in)) ==
            0);
    const Address daemon = xtrace::testing::bound_address(socket, any);
    ForwardUdp tap(loop, {.host = "127.0.0.1", .port = daemon.port()});
    const std::string document = segment(1, 1, std::string(kDone));
    tap.take(document);
    bool is_closed = false;
    tap.close([&] { is_closed = true; });
    loop.run_until([&] { return is_closed; });
    std::string datagram(2000, '\0');
    const ssize_t size = recv(socket.get(), datagram.data(), datagram.size(), 0);
    REQUIRE(size > 0);
    datagram.resize(static_cast<std::size_t>(size));
    CHECK(datagram == "{\"format\":\"json\",\"version\":1}\n" + document);
    CHECK(tap.counters().find("sent")->second == 1);
    CHECK(tap.target() == "udp://" + daemon.to_string());
  }
}

}  // namespace forward_otlp_test
