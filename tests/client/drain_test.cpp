#include "client_fixture.h"

namespace xtrace::drain_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct DrainFixture : ClientFixture {
  /// Starts a request whose answer is a head and the beginning of a body, and gives it up there.
  void give_up_in_the_body() {
    bool has_head = false;
    options.trace.got_response_head = [&has_head](const Response&) { has_head = true; };
    start(request());
    loop.run_until([&has_head] { return has_head; });
    call.reset();
  }

  PoolCounts counts() { return client().book.stats().total; }
};

}  // namespace

TEST_SUITE("client/drain") {
  TEST_CASE_FIXTURE(DrainFixture, "a small rest is read, and the connection used again") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        .wait(milliseconds(10))
        .send("cde")
        .expect_head()
        .send(kOk);
    give_up_in_the_body();
    CHECK(counts().active == 1);
    loop.run_until([this] { return counts().idle == 1; });
    CHECK(get().timeline.reused);
    CHECK(server.connections() == 1);
  }

  TEST_CASE_FIXTURE(DrainFixture, "a rest that does not come in time costs the connection") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        .silent();
    give_up_in_the_body();
    loop.run_until([this] { return counts().total() == 0; });
    CHECK(counts().closed_for(CloseReason::cancelled) == 1);
  }

  TEST_CASE_FIXTURE(DrainFixture, "a large rest costs the connection") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\nab")
        .send(std::string(8'999'998, 'x'));
    give_up_in_the_body();
    loop.run_until([this] { return counts().total() == 0; });
    CHECK(counts().closed_for(CloseReason::cancelled) == 1);
  }

  TEST_CASE_FIXTURE(DrainFixture, "a body that was refused is drained as well") {
    options.on_body = [](std::span<const std::byte>) -> Expected<Flow> {
      return Error{Error::Code::body_refused, Phase::body, "no"};
    };
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        .wait(milliseconds(5))
        .send("cde");
    get();
    CHECK(code() == Error::Code::body_refused);
    loop.run_until([this] { return counts().idle == 1; });
  }
}

}  // namespace xtrace::drain_test
