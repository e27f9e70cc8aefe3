#include <string>

#include "client_fixture.h"
#include "support/listener.h"

namespace xtrace::attempt_phase_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

constexpr std::size_t kLarge = 8 * 1024 * 1024;  // more than loopback's socket buffers hold

Request large_upload(Request what) {
  what.method = "PUT";
  what.body.resize(kLarge);
  return what;
}

}  // namespace

TEST_SUITE("client/attempt_phase") {
  TEST_CASE_FIXTURE(ClientFixture, "a lookup that never gets a thread fails in its wait") {
    resolver.queue_time = std::chrono::hours(1);
    Request what(Url::parse("http://queued.test/").value());
    SUBCASE("at its limit") {
      config.timeouts.dns = milliseconds(10);
      exchange(std::move(what));
      CHECK(result->error->message.starts_with("timed out waiting for a thread"));
    }
    SUBCASE("when the caller gives up") {
      start(std::move(what));
      loop.run_until([this] { return !resolver.asked.empty(); });
      result = abort();
    }
    REQUIRE(result->error.has_value());
    CHECK(result->error->phase == Phase::dns_wait);
    CHECK(result->timeline.find(Phase::dns_wait)->outcome != Outcome::ok);
    CHECK(result->timeline.find(Phase::dns) == nullptr);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a host of a family that is not allowed fails in connect") {
    config.family = AddressFamily::ipv4_only;
    const Exchange& done = exchange(Request(Url::parse("http://[::1]/").value()));
    CHECK(code() == Error::Code::connect_unreachable);
    CHECK(done.error->phase == Phase::connect);
    REQUIRE(done.timeline.find(Phase::connect) != nullptr);
    CHECK(done.timeline.find(Phase::connect)->outcome == Outcome::error);
    CHECK(done.timeline.find(Phase::queue)->outcome == Outcome::ok);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a dial that is given up ends no later than its attempt") {
    const testing::SilentAddress silent;
    config.timeouts.connect = milliseconds(10);
    const Exchange& done =
        exchange(Request(Url::parse("http://" + silent.address().to_string() + "/").value()));
    CHECK(code() == Error::Code::connect_timeout);
    CHECK(done.timeline.dials[0].span.outcome == Outcome::timeout);
    CHECK(done.timeline.dials[0].span.end <= done.timeline.total);
    CHECK(done.timeline.other() >= Duration::zero());
  }

  TEST_CASE_FIXTURE(ClientFixture, "garbage that beats the upload fails in a response on record") {
    server.on_connection().expect_head().stop_reading().send("SSH-2.0-OpenSSH_9.2\r\n");
    const Exchange& done = exchange(large_upload(request()));
    CHECK(code() == Error::Code::not_http);
    CHECK(done.error->phase == Phase::response);
    REQUIRE(done.timeline.find(Phase::response) != nullptr);
    CHECK(done.timeline.find(Phase::response)->outcome == Outcome::error);
    CHECK(done.timeline.find(Phase::request)->outcome == Outcome::abandoned);
  }

  TEST_CASE_FIXTURE(ClientFixture, "an answer that begins before the upload ends is early") {
    server.on_connection()
        .expect_head()
        .stop_reading()
        .send("HTTP/1.1 2")
        .wait(milliseconds(20))
        .read_again()
        .expect_bytes(kLarge)
        .send("00 OK\r\nContent-Length: 0\r\n\r\n");
    const Exchange& done = exchange(large_upload(request()));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.timeline.early_response);
    const Span& response = *done.timeline.find(Phase::response);
    CHECK(response.length() == Duration::zero());
    CHECK(response.begin == done.timeline.find(Phase::body)->begin);
    CHECK(response.begin < done.timeline.find(Phase::request)->end);
  }

  TEST_CASE_FIXTURE(ClientFixture, "the idle limit counts from the last byte that moved") {
    config.timeouts.idle = milliseconds(200);
    Request what = request();
    SUBCASE("of the request") {
      server.on_connection().expect_head().silent();
    }
    SUBCASE("of the response") {
      server.on_connection().expect_head().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    }
    SUBCASE("of the upload") {
      server.on_connection().expect_head().stop_reading();
      what = large_upload(std::move(what));
    }
    const Exchange& done = exchange(std::move(what));
    REQUIRE(done.error.has_value());
    CHECK(is_timeout(code()));
    CHECK(done.timeline.total >= milliseconds(200));
    CHECK(done.timeline.total < milliseconds(380));
  }
}

}  // namespace xtrace::attempt_phase_test
