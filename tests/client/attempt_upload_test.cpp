#include <string>

#include "client_fixture.h"

namespace xtrace::attempt_upload_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

constexpr std::size_t kLarge = 8 * 1024 * 1024;  // more than loopback's socket buffers hold

}  // namespace

TEST_SUITE("client/attempt_upload") {
  TEST_CASE_FIXTURE(ClientFixture, "a small body leaves with its head, byte for byte") {
    server.on_connection().expect("ping").send("HTTP/1.1 204 No Content\r\n\r\n");
    Request what = request();
    what.method = "POST";
    what.body = "ping";
    const Exchange& done = exchange(std::move(what));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(server.received().find("Content-Length: 4\r\n") != std::string::npos);
    CHECK(server.received().ends_with("\r\n\r\nping"));
    CHECK(done.timeline.request_body_bytes == 4);
    CHECK(done.timeline.request_head_bytes + 4 == server.received().size());
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "a large body arrives whole and the request ends with its last byte") {
    server.on_connection().expect_head().expect_bytes(kLarge).send(
        "HTTP/1.1 204 No Content\r\n\r\n");
    Request what = request();
    what.method = "PUT";
    what.body.resize(kLarge);
    for (std::size_t i = 0; i < kLarge; ++i) what.body[i] = static_cast<char>('a' + i % 23);
    const std::string sent = what.body;
    const Exchange& done = exchange(std::move(what));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(server.received().ends_with(sent));
    CHECK(done.timeline.request_body_bytes == kLarge);
    CHECK_FALSE(done.timeline.early_response);
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "a server that does not read stretches the request, not the wait") {
    server.on_connection()
        .expect_head()
        .stop_reading()
        .wait(milliseconds(60))
        .read_again()
        .expect_bytes(kLarge)
        .send("HTTP/1.1 204 No Content\r\n\r\n");
    Request what = request();
    what.method = "PUT";
    what.body.resize(kLarge);
    const Exchange& done = exchange(std::move(what));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.timeline.find(Phase::request)->length() >= milliseconds(59));
    CHECK(done.timeline.find(Phase::response)->length() < milliseconds(50));
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "an answer that beats the upload keeps both stamps and ends the call") {
    server.on_connection().expect_head().stop_reading().send(
        "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch");
    Request what = request();
    what.method = "PUT";
    what.body.resize(kLarge);
    const Exchange& done = exchange(std::move(what));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->status == 413);
    CHECK(done.response->body == "much");
    CHECK(done.timeline.early_response);
    CHECK(done.timeline.find(Phase::request)->outcome == Outcome::abandoned);
    CHECK(done.timeline.find(Phase::response)->length() == Duration::zero());
    CHECK(done.timeline.find(Phase::body)->begin <= done.timeline.find(Phase::request)->end);
    CHECK(done.timeline.request_body_bytes < kLarge);
    CHECK(done.timeline.other() >= Duration::zero());
  }

  TEST_CASE_FIXTURE(ClientFixture,
                    "a server that answers and hangs up is believed, not its broken pipe") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        .half_close();
    Request what = request();
    what.method = "PUT";
    what.body.resize(kLarge);
    const Exchange& done = exchange(std::move(what));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->status == 403);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a connection reset under the upload fails in the request") {
    server.on_connection().expect_head().reset();
    Request what = request();
    what.method = "PUT";
    what.body.resize(kLarge);
    const Exchange& done = exchange(std::move(what));
    REQUIRE(done.error.has_value());
    CAPTURE(done.error->message);
    CHECK(done.error->phase == Phase::request);
    CHECK(done.timeline.find(Phase::request)->outcome == Outcome::error);
    CHECK(done.timeline.find(Phase::response) == nullptr);
  }

  TEST_CASE_FIXTURE(ClientFixture, "an upload that stalls strikes the idle limit") {
    config.timeouts.idle = milliseconds(30);
    server.on_connection().expect_head().stop_reading();
    Request what = request();
    what.method = "PUT";
    what.body.resize(kLarge);
    const Exchange& done = exchange(std::move(what));
    CHECK(code() == Error::Code::send_stalled);
    CHECK(done.timeline.find(Phase::request)->outcome == Outcome::timeout);
    CHECK(done.timeline.request_body_bytes > 0);
  }
}

}  // namespace xtrace::attempt_upload_test
