#include "client_fixture.h"

namespace xtrace::stale_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The first connection answers once; what it does when the second request has come is up to the
/// test, so that it is past being seen as closed.
struct StaleFixture : ClientFixture {
  testing::Script& after_second_head() {
    return server.on_connection().expect_head().send(kOk).expect_head();
  }
  void fresh_answers() { server.on_connection().expect_head().send(kOk); }
};

}  // namespace

TEST_SUITE("client/stale") {
  TEST_CASE_FIXTURE(StaleFixture, "a GET on a dead connection is sent again on a new one") {
    SUBCASE("closed") {
      after_second_head().close();
    }
    SUBCASE("reset") {
      after_second_head().reset();
    }
    fresh_answers();
    get();
    const Exchange& done = get();
    CHECK_FALSE(done.error.has_value());
    CHECK_FALSE(done.timeline.reused);
    REQUIRE(done.past.size() == 1);
    CHECK(done.past[0].reason == PastAttempt::Reason::stale_connection);
    CHECK(done.past[0].timeline.reused);
    CHECK(done.past[0].error.has_value());
    CHECK(done.total() >= done.timeline.total);
    const PoolCounts counts = client().book.stats().total;
    CHECK(counts.stale_retries == 1);
    CHECK(counts.closed_for(CloseReason::server_closed) == 1);
  }

  TEST_CASE_FIXTURE(StaleFixture, "what changes something is not sent twice") {
    after_second_head().close();
    fresh_answers();
    get();
    Request post = request();
    post.method = "POST";
    post.body = "x=1";
    SUBCASE("a POST fails") {
      const Exchange& done = exchange(std::move(post));
      REQUIRE(done.error.has_value());
      CHECK(done.error->code == Error::Code::empty_reply);
      CHECK(done.past.empty());
    }
    SUBCASE("a PUT fails: Go's list does not have it") {
      post.method = "PUT";
      CHECK(exchange(std::move(post)).error.has_value());
    }
    SUBCASE("unless the caller vouches for it") {
      post.headers.add("Idempotency-Key", "");
      const Exchange& done = exchange(std::move(post));
      CHECK_FALSE(done.error.has_value());
      CHECK(done.past.size() == 1);
      CHECK(server.received(1).ends_with("x=1"));
    }
  }

  TEST_CASE_FIXTURE(StaleFixture, "a failure after the first byte is not repeated") {
    after_second_head().send("H").close();
    fresh_answers();
    get();
    const Exchange& done = get();
    REQUIRE(done.error.has_value());
    CHECK(done.error->code == Error::Code::head_cut);
    CHECK(done.past.empty());
  }

  TEST_CASE_FIXTURE(StaleFixture, "a new connection that fails is not tried again") {
    server.on_connection().expect_head().close();
    fresh_answers();
    const Exchange& done = get();
    CHECK(done.error->code == Error::Code::empty_reply);
    CHECK(server.connections() == 1);
  }

  TEST_CASE_FIXTURE(StaleFixture, "the hooks begin anew with get_conn") {
    after_second_head().close();
    fresh_answers();
    get();
    std::string told;
    options.trace.get_conn = [&told](std::string_view) { told += "get_conn "; };
    options.trace.got_conn = [&told](const GotConnInfo& info) {
      told += info.reused ? "reused " : "new ";
    };
    options.trace.wrote_request = [&told](const WroteRequestInfo& info) {
      told += info.error == nullptr ? "wrote_request " : "wrote_request(error) ";
    };
    options.trace.got_first_response_byte = [&told] { told += "first_byte "; };
    options.trace.retry_scheduled = [&told](const RetryInfo& retry) {
      told += "retry" + std::to_string(retry.attempt) + " ";
    };
    options.trace.request_done = [&told](const Timeline& timeline) {
      told += timeline.error ? "done(error) " : "done ";
    };
    options.trace.put_idle_conn = [&told](const Error* error) {
      told += error == nullptr ? "put_idle " : "closed ";
    };
    get();
    CHECK(told ==
          "get_conn reused wrote_request done(error) retry1 "
          "get_conn new wrote_request first_byte put_idle done ");
  }
}

}  // namespace xtrace::stale_test
