#include "client_fixture.h"

namespace xtrace::expect_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct ExpectFixture : ClientFixture {
  std::string told;

  Request upload() {
    Request post = request();
    post.method = "POST";
    post.body = "payload";
    post.headers.add("Expect", "100-continue");
    options.trace.wrote_headers = [this] { told += "wrote_headers "; };
    options.trace.wait_100_continue = [this] { told += "wait "; };
    options.trace.got_100_continue = [this] { told += "continue "; };
    options.trace.got_1xx_response = [this](int status, const Headers&) {
      told += std::to_string(status) + " ";
    };
    options.trace.wrote_request = [this](const WroteRequestInfo& info) {
      told += info.error == nullptr ? "wrote_request " : "wrote_request(error) ";
    };
    options.trace.got_first_response_byte = [this] { told += "first_byte "; };
    options.trace.put_idle_conn = [this](const Error*) { told += "put_idle"; };
    return post;
  }
};

}  // namespace

TEST_SUITE("client/expect") {
  TEST_CASE_FIXTURE(ExpectFixture, "the body waits for 100 Continue") {
    server.on_connection()
        .expect_head()
        .wait(milliseconds(30))
        .send("HTTP/1.1 100 Continue\r\n\r\n")
        .expect("payload")
        .send(kOk);
    const Exchange& done = exchange(upload());
    REQUIRE_FALSE(done.error.has_value());
    CHECK(told == "wrote_headers wait first_byte continue 100 wrote_request put_idle");
    REQUIRE(done.timeline.continue_wait.has_value());
    CHECK(done.timeline.continue_wait->length() >= milliseconds(30));
    CHECK(done.timeline.find(Phase::request)->length() >= milliseconds(30));
    CHECK(done.timeline.request_body_bytes == 7);
  }

  TEST_CASE_FIXTURE(ExpectFixture, "the body is sent all the same after a while") {
    config.timeouts.expect_continue = milliseconds(20);
    server.on_connection().expect_head().expect("payload").send(kOk);
    const Exchange& done = exchange(upload());
    REQUIRE_FALSE(done.error.has_value());
    CHECK(told == "wrote_headers wait wrote_request first_byte put_idle");
    CHECK(done.timeline.continue_wait->length() >= milliseconds(20));
  }

  TEST_CASE_FIXTURE(ExpectFixture, "an answer instead of 100 keeps the body here") {
    server.on_connection().expect_head().send(
        "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    const Exchange& done = exchange(upload());
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->status == 413);
    CHECK(done.timeline.request_body_bytes == 0);
    CHECK_FALSE(server.received().ends_with("payload"));
    CHECK(told == "wrote_headers wait first_byte wrote_request ");
    CHECK(client().book.stats().total.closed_for(CloseReason::not_reusable) == 1);
    CHECK_FALSE(done.timeline.early_response);
    CHECK(done.timeline.find(Phase::response)->length() > Duration::zero());
  }

  TEST_CASE_FIXTURE(ExpectFixture, "without a body nothing waits") {
    server.on_connection().expect_head().send(kOk);
    Request bare = request();
    bare.headers.add("Expect", "100-continue");
    const Exchange& done = exchange(std::move(bare));
    CHECK_FALSE(done.timeline.continue_wait.has_value());
  }
}

}  // namespace xtrace::expect_test
