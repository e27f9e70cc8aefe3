#include <functional>
#include <string>

#include "client_fixture.h"

namespace xtrace::attempt_cancel_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

/// Destroys the attempt as soon as `reached` is true, and sees to it that nobody is called
/// afterwards.
struct CancelFixture : ClientFixture {
  bool is_gone = false;
  bool called_late = false;

  void watch_for_late_calls() {
    const auto note = [this] { called_late = called_late || is_gone; };
    options.trace.connect_done = [note](std::string_view, const Address&, const Error*) { note(); };
    options.trace.dns_done = [note](const DnsDoneInfo&) { note(); };
    options.trace.wrote_request = [note](const WroteRequestInfo&) { note(); };
    options.trace.got_first_response_byte = note;
    options.trace.request_done = [note](const Timeline&) { note(); };
    options.on_body = [note](std::span<const std::byte>) -> Expected<Flow> {
      note();
      return Flow::proceed;
    };
  }

  void destroy_when(Request what, std::function<bool()> reached) {
    watch_for_late_calls();
    start(std::move(what));
    loop.run_until([reached = std::move(reached)] { return reached(); });
    call.reset();
    is_gone = true;
    loop.spin(50);
    CHECK_FALSE(result.has_value());
    CHECK_FALSE(called_late);
  }
};

}  // namespace

TEST_SUITE("client/attempt_cancel") {
  TEST_CASE_FIXTURE(CancelFixture,
                    "destroying a call in any phase runs no callback and leaks no handle") {
    Request what = request();
    bool reached = false;
    const auto when_reached = [&reached] { return reached; };
    SUBCASE("before its first turn") {
      destroy_when(std::move(what), [] { return true; });
    }
    SUBCASE("in the lookup") {
      resolver.silent.insert("silent.test");
      destroy_when(Request(Url::parse("http://silent.test/").value()),
                   [this] { return !resolver.asked.empty(); });
      CHECK(resolver.in_flight == 0);
    }
    SUBCASE("in the dial") {
      options.trace.connect_start = [&reached](std::string_view, const Address&) {
        reached = true;
      };
      destroy_when(std::move(what), when_reached);
    }
    SUBCASE("in the handshake") {
      server.on_connection().silent();
      destroy_when(https_request(), [this] { return server.received().size() > 0; });
    }
    SUBCASE("in the upload") {
      server.on_connection().expect_head().stop_reading();
      what.method = "PUT";
      what.body.resize(8 * 1024 * 1024);
      destroy_when(std::move(what), [this] { return server.received().size() > 0; });
    }
    SUBCASE("in the wait") {
      server.on_connection().expect_head().silent();
      destroy_when(std::move(what), [this] { return server.received().ends_with("\r\n\r\n"); });
    }
    SUBCASE("in the head") {
      server.on_connection().expect_head().send("HTTP/1.1 200 OK\r\nX-").run([&reached] {
        reached = true;
      });
      destroy_when(std::move(what), when_reached);
    }
    SUBCASE("in the body") {
      options.trace.got_response_head = [&reached](const Response&) { reached = true; };
      server.on_connection().expect_head().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
      destroy_when(std::move(what), when_reached);
    }
  }

  TEST_CASE_FIXTURE(ClientFixture, "aborting returns what was reached and calls nobody") {
    server.on_connection().expect_head().silent();
    start(request());
    loop.run_until([this] { return server.received().ends_with("\r\n\r\n"); });
    const Exchange exchange = abort();
    REQUIRE(exchange.error.has_value());
    CHECK(exchange.error->code == Error::Code::cancelled);
    CHECK(exchange.timeline.find(Phase::request)->outcome == Outcome::ok);
    loop.spin(20);
    CHECK_FALSE(result.has_value());
  }

  TEST_CASE_FIXTURE(ClientFixture, "the callback may destroy its own call") {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    bool is_done = false;
    start(request(), [this, &is_done](Exchange) {
      call.reset();
      is_done = true;
    });
    loop.run_until([&is_done] { return is_done; });
  }
}

}  // namespace xtrace::attempt_cancel_test
