#include "client_fixture.h"

namespace xtrace::redirect_call_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string redirect_to(std::string_view location, int status = 302) {
  return "HTTP/1.1 " + std::to_string(status) + " Found\r\nLocation: " + std::string(location) +
         "\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace

TEST_SUITE("client/redirect_call") {
  TEST_CASE_FIXTURE(ClientFixture, "each leg is recorded, on the same connection if it can be") {
    server.on_connection()
        .expect_head()
        .send(redirect_to("/b"))
        .expect_head()
        .send(redirect_to("c"))
        .expect_head()
        .send(kOk);
    std::string body;
    options.on_body = [&body](std::span<const std::byte> piece) -> Expected<Flow> {
      body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      return Flow::proceed;
    };
    const Exchange& done = get("/a");
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.response->status == 200);
    CHECK(body == "ok");
    REQUIRE(done.past.size() == 2);
    CHECK(done.past[0].url.path() == "/a");
    CHECK(done.past[0].response->status == 302);
    CHECK(done.past[1].url.path() == "/b");
    CHECK(done.past[1].timeline.reused);
    CHECK(done.past[1].timeline.started.tick >=
          done.past[0].timeline.started.tick + done.past[0].timeline.total);
    REQUIRE(done.led_to.has_value());
    CHECK(done.led_to->second.path() == "/c");
    CHECK(server.connections() == 1);
    CHECK(done.total() > done.timeline.total);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a POST becomes a GET, and a 307 stays what it is") {
    server.on_connection()
        .expect("x=1")
        .send(redirect_to("/b", 307))
        .expect("x=1")
        .send(redirect_to("/c", 303))
        .expect_head()
        .send(kOk);
    Request post = request("/a");
    post.method = "POST";
    post.body = "x=1";
    const Exchange& done = exchange(std::move(post));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(done.past[1].method == "POST");
    CHECK(done.led_to->first == "GET");
    CHECK(server.received().find("GET /c HTTP/1.1") != std::string::npos);
  }

  TEST_CASE_FIXTURE(ClientFixture, "too many redirects are an error that names the circle") {
    config.redirects.limit = 3;
    testing::Script& script = server.on_connection();
    for (int i = 0; i < 4; ++i) script.expect_head().send(redirect_to(i % 2 == 0 ? "/b" : "/a"));
    const Exchange& done = get("/a");
    REQUIRE(done.error.has_value());
    CHECK(done.error->code == Error::Code::too_many_redirects);
    CHECK(done.error->message.find("stopped after 3 redirects") == 0);
    CHECK(done.past.size() == 3);
    CHECK(done.response->status == 302);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a Location that is no URL fails the call") {
    answer(redirect_to("ftp://example.test/"));
    get();
    CHECK(code() == Error::Code::bad_redirect);
    CHECK(result->error->phase == Phase::body);
    CHECK(result->response->status == 302);
  }

  TEST_CASE_FIXTURE(ClientFixture, "redirects are answers where they are not followed") {
    config.redirects.are_followed = false;
    answer(redirect_to("/b"));
    CHECK(get().response->status == 302);
    CHECK(result->past.empty());
    CHECK_FALSE(result->led_to.has_value());
  }

  TEST_CASE_FIXTURE(ClientFixture, "a long or slow body of a redirect costs its connection only") {
    const std::string head =
        "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 1000000\r\n\r\n";
    SUBCASE("long") {
      server.on_connection().expect_head().send(head).silent();
    }
    SUBCASE("slow") {
      server.on_connection()
          .expect_head()
          .send("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 10\r\n\r\n12345")
          .silent();
    }
    server.on_connection().expect_head().send(kOk);
    const Exchange& done = get("/a");
    CHECK_FALSE(done.error.has_value());
    CHECK(done.response->status == 200);
    CHECK(server.connections() == 2);
  }

  TEST_CASE_FIXTURE(ClientFixture, "the hooks of each leg begin with get_conn, and tell where to") {
    server.on_connection().expect_head().send(redirect_to("/b")).expect_head().send(kOk);
    std::string told;
    options.trace.get_conn = [&told](std::string_view) { told += "get_conn "; };
    options.trace.got_conn = [&told](const GotConnInfo& info) {
      told += info.reused ? "reused " : "new ";
    };
    options.trace.put_idle_conn = [&told](const Error*) { told += "put_idle "; };
    options.trace.request_done = [&told](const Timeline&) { told += "done "; };
    options.trace.redirected = [&told](int status, const Url& to) {
      told += std::to_string(status) + to.path() + " ";
    };
    options.before_attempt = [&told](Request& about_to_be_sent) -> Expected<void> {
      about_to_be_sent.headers.set("X-Path", about_to_be_sent.url.path());
      told += "before ";
      return {};
    };
    get("/a");
    CHECK(told == "before get_conn new put_idle done 302/b before get_conn reused put_idle done ");
    CHECK(server.received().find("X-Path: /b\r\n") != std::string::npos);
  }

  TEST_CASE_FIXTURE(ClientFixture, "the total limit holds for all legs together") {
    config.timeouts.total = milliseconds(60);
    server.on_connection()
        .expect_head()
        .wait(milliseconds(40))
        .send(redirect_to("/b"))
        .expect_head()
        .wait(milliseconds(40))
        .send(kOk);
    const Exchange& done = get("/a");
    CHECK(code() == Error::Code::call_timeout);
    CHECK(done.past.size() == 1);
    CHECK(done.total() >= milliseconds(60));
    CHECK(done.timeline.total < milliseconds(60));
  }
}

}  // namespace xtrace::redirect_call_test
