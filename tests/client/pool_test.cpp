#include <map>

#include "client_fixture.h"

namespace xtrace::pool_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Several calls of one client at once.
struct PoolFixture : ClientFixture {
  std::map<int, std::unique_ptr<CallState>> calls;
  std::map<int, Exchange> done;
  std::vector<int> order;  ///< In which they ended.

  void launch(int id, Request what, CallOptions with = {}) {
    calls[id] = std::make_unique<CallState>(client(), std::move(what), std::move(with),
                                            [this, id](Exchange exchange) {
                                              done.emplace(id, std::move(exchange));
                                              order.push_back(id);
                                            });
    client().begin_later(*calls[id]);
  }

  void wait_for(std::size_t count) {
    loop.run_until([this, count] { return done.size() >= count; });
  }

  PoolCounts counts() { return client().book.stats().total; }

  /// Every connection answers each request of its own at once.
  void answer_always(int times = 8) {
    testing::Script& script = server.on_connection();
    for (int i = 0; i < times; ++i) script.expect_head().send(kOk);
  }
};

}  // namespace

TEST_SUITE("client/pool") {
  TEST_CASE_FIXTURE(PoolFixture, "a second request uses the connection of the first") {
    answer_always();
    CHECK_FALSE(get().timeline.reused);
    const Exchange& second = get();
    CHECK(second.timeline.reused);
    CHECK(second.timeline.idle_time.has_value());
    CHECK(second.timeline.connection == 1);
    CHECK(second.timeline.find(Phase::connect) == nullptr);
    CHECK(second.timeline.find(Phase::queue) != nullptr);
    CHECK(second.timeline.remote == server.address());
    CHECK(server.connections() == 1);
    CHECK(counts().opened == 1);
    CHECK(counts().reused == 1);
    CHECK(counts().idle == 1);
    CHECK(counts().active == 0);
  }

  TEST_CASE_FIXTURE(PoolFixture, "the connection used last is used first") {
    server.on_connection().expect_head().wait(milliseconds(20)).send(kOk).expect_head().send(kOk);
    answer_always();
    launch(1, request());
    loop.run_until([this] { return counts().active == 1; });
    launch(2, request());
    wait_for(2);
    CHECK(order == std::vector<int>{2, 1});
    launch(3, request());
    wait_for(3);
    CHECK(done.at(3).timeline.connection == done.at(1).timeline.connection);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a connection is closed where the server says so") {
    server.on_connection().expect_head().send(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    get();
    get();
    CHECK(server.connections() == 2);
    CHECK(counts().closed_for(CloseReason::not_reusable) == 2);
  }

  TEST_CASE_FIXTURE(PoolFixture, "without keeps_alive each request has its own connection") {
    config.keeps_alive = false;
    answer_always();
    get();
    CHECK_FALSE(get().timeline.reused);
    CHECK(server.connections() == 2);
    CHECK(server.received().find("Connection: close\r\n") != std::string::npos);
  }

  TEST_CASE_FIXTURE(PoolFixture, "requests past the limit wait, first come first served") {
    config.pool.connections_per_host = 1;
    answer_always();
    for (int id = 1; id <= 4; ++id) launch(id, request());
    loop.run_until([this] { return counts().waiting == 4; });
    wait_for(4);
    CHECK(order == std::vector<int>{1, 2, 3, 4});
    CHECK(server.connections() == 1);
    CHECK(counts().waits == 3);
    CHECK(client().book.stats().addresses.at(0).counts.limit == 1);
    CHECK(done.at(4).timeline.reused);
    CHECK_FALSE(done.at(4).timeline.idle_time.has_value());
    CHECK(done.at(4).timeline.find(Phase::queue)->length() >
          done.at(2).timeline.find(Phase::queue)->length());
  }

  TEST_CASE_FIXTURE(PoolFixture, "a wait that takes too long fails in phase queue") {
    config.pool.connections_per_host = 1;
    config.timeouts.wait = milliseconds(20);
    server.on_connection().expect_head().silent();
    launch(1, request());
    launch(2, request());
    wait_for(1);
    REQUIRE(done.contains(2));
    CHECK(done.at(2).error->code == Error::Code::pool_timeout);
    CHECK(done.at(2).error->phase == Phase::queue);
    CHECK(done.at(2).timeline.find(Phase::queue)->outcome == Outcome::timeout);
    CHECK(counts().wait_timeouts == 1);
    CHECK(counts().waiting == 0);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a request more than may wait is refused") {
    config.pool = {.connections_per_host = 1, .waiting = 1};
    server.on_connection().expect_head().silent();
    for (int id = 1; id <= 3; ++id) launch(id, request());
    wait_for(1);
    REQUIRE(done.contains(3));
    CHECK(done.at(3).error->code == Error::Code::pool_full);
    CHECK(counts().rejected == 1);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a request takes what becomes free before its dial is done") {
    testing::Script& script = server.on_connection();
    script.expect_head().wait(milliseconds(20)).send(kOk).expect_head().send(kOk);
    answer_always();
    resolver.answers.emplace("slow.test", Resolved{{server.address()}});
    const std::string url = "http://slow.test:" + std::to_string(server.port()) + "/";
    launch(1, Request(Url::parse(url).value()));
    loop.run_until([this] { return counts().active == 1; });
    resolver.lookup_time = milliseconds(200);

    std::vector<std::string> told;
    CallOptions with;
    with.trace.dns_start = [&told](std::string_view) { told.emplace_back("dns_start"); };
    with.trace.dns_done = [&told](const DnsDoneInfo& info) {
      told.emplace_back("dns_done " + std::string(to_string(info.error->code)));
    };
    with.trace.got_conn = [&told](const GotConnInfo& info) {
      told.emplace_back(info.reused && !info.was_idle ? "got_conn handed over" : "got_conn");
    };
    launch(2, Request(Url::parse(url).value()), std::move(with));
    wait_for(2);
    const Timeline& timeline = done.at(2).timeline;
    CHECK(timeline.left_dial);
    CHECK(timeline.reused);
    CHECK(timeline.find(Phase::connect) == nullptr);
    CHECK(timeline.find(Phase::dns) == nullptr);
    CHECK_FALSE(timeline.dns.has_value());
    CHECK(told ==
          std::vector<std::string>{"dns_start", "dns_done cancelled", "got_conn handed over"});

    // The dial goes on, and its connection is kept for whoever comes next.
    CHECK(counts().connecting == 1);
    loop.run_until([this] { return counts().idle == 2; });
    CHECK(counts().opened == 2);
  }

  TEST_CASE_FIXTURE(PoolFixture, "an idle connection is closed in time") {
    config.pool.idle_timeout = milliseconds(30);
    answer_always();
    get();
    loop.run_until([this] { return counts().idle == 0; });
    CHECK(counts().closed_for(CloseReason::idle_timeout) == 1);
    CHECK(counts().total() == 0);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a connection the server closes while idle is noticed") {
    server.on_connection().expect_head().send(kOk).wait(milliseconds(10)).close();
    answer_always();
    get();
    loop.run_until([this] { return counts().idle == 0; });
    CHECK(counts().closed_for(CloseReason::server_closed) == 1);
    CHECK_FALSE(get().timeline.reused);
    CHECK(result->past.empty());
  }

  TEST_CASE_FIXTURE(PoolFixture, "an answer nobody asked for closes the connection") {
    server.on_connection()
        .expect_head()
        .send(kOk)
        .wait(milliseconds(5))
        .send("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
    get();
    loop.run_until([this] { return counts().idle == 0; });
    CHECK(counts().closed_for(CloseReason::server_closed) == 1);
  }

  TEST_CASE_FIXTURE(PoolFixture, "more idle connections than allowed are closed, oldest first") {
    config.pool.idle_per_host = 1;
    server.on_connection().expect_head().wait(milliseconds(20)).send(kOk).expect_head().send(kOk);
    answer_always();
    launch(1, request());
    loop.run_until([this] { return counts().active == 1; });
    launch(2, request());
    wait_for(2);
    CHECK(counts().idle == 1);
    CHECK(counts().closed_for(CloseReason::over_limit) == 1);
    launch(3, request());
    wait_for(3);
    CHECK(done.at(3).timeline.connection == done.at(1).timeline.connection);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a limit over all closes what is idle elsewhere") {
    config.pool.connections = 1;
    testing::ScriptedServer other(loop);
    other.on_connection().expect_head().send(kOk);
    answer_always();
    get();
    launch(1, Request(Url::parse(other.url("/")).value()));
    wait_for(1);
    CHECK_FALSE(done.at(1).error.has_value());
    CHECK(counts().closed_for(CloseReason::over_limit) == 1);
    CHECK(counts().total() == 1);
  }

  TEST_CASE_FIXTURE(PoolFixture, "who waits for another address gets the room of one that idles") {
    config.pool.connections = 1;
    testing::ScriptedServer other(loop);
    other.on_connection().expect_head().send(kOk);
    server.on_connection().expect_head().wait(milliseconds(10)).send(kOk);
    launch(1, request());
    loop.run_until([this] { return counts().active == 1; });
    launch(2, Request(Url::parse(other.url("/")).value()));
    wait_for(2);
    CHECK(order == std::vector<int>{1, 2});
    CHECK_FALSE(done.at(2).error.has_value());
    CHECK(counts().closed_for(CloseReason::over_limit) == 1);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a connection about to serve a waiter is not closed for another") {
    config.pool.connections_per_host = 2;
    server.on_connection()
        .expect_head()
        .wait(milliseconds(5))
        .send(kOk)
        .expect_head()
        .send(kOk)
        .expect_head()
        .send(kOk);
    resolver.answers.emplace("slow.test", Resolved{.addresses = {server.address()}});
    const Request slow(Url::parse("http://slow.test:" + std::to_string(server.port())).value());
    CallOptions with;
    with.trace.got_first_response_byte = [this, &slow] { launch(3, slow); };
    launch(1, slow, std::move(with));
    loop.run_until([this] { return counts().active == 1; });
    resolver.silent.insert("slow.test");
    launch(2, slow);
    wait_for(3);
    CHECK(counts().closed_for(CloseReason::over_limit) == 0);
    CHECK(done.at(2).timeline.connection == done.at(1).timeline.connection);
    CHECK(done.at(3).timeline.connection == done.at(1).timeline.connection);
  }

  TEST_CASE_FIXTURE(PoolFixture, "an old connection carries no further request") {
    config.pool.lifetime = milliseconds(10);
    server.on_connection().expect_head().wait(milliseconds(15)).send(kOk);
    get();
    CHECK(counts().closed_for(CloseReason::lifetime) == 1);
  }
}

}  // namespace xtrace::pool_test
