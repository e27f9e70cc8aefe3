#include "many_calls.h"

namespace xtrace::pool_wait_test {

using std::chrono::milliseconds;
using testing::kOk;
using testing::ManyCalls;
using testing::ScriptedServer;

namespace {

/// A second origin, which competes for the room of the whole pool.
struct WaitFixture : ManyCalls {
  ScriptedServer other{loop};
  bool is_closed = false;

  bool is_ok(int id) { return ends.contains(id) && !ends.at(id).error; }
};

}  // namespace

TEST_SUITE("client/pool_wait") {
  TEST_CASE_FIXTURE(WaitFixture,
                    "an idle connection gives way to whoever waits for room elsewhere") {
    config.pool.connections = 1;
    server.on_connection().expect_head().wait(milliseconds(5)).send(kOk);
    answer_always(other);
    launch(1, request());
    launch(2, request_to(other));
    run_until_pool([](const PoolCounts& pool) { return pool.active == 1 && pool.waiting == 1; });
    wait_for(2);
    CHECK(is_ok(2));
    CHECK(counts().closed_for(CloseReason::over_limit) == 1);
    CHECK(counts().idle == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(WaitFixture, "an address whose limit is reached does not hold up another") {
    config.pool = {.connections = 2, .connections_per_host = 1};
    server.on_connection().expect_head().silent();
    answer_always(other);
    launch(1, request());
    launch(2, request());
    run_until_pool([](const PoolCounts& pool) { return pool.active == 1 && pool.waiting == 1; });
    launch(3, request_to(other));
    launch(4, request_to(other));
    wait_for(2);
    CHECK(is_ok(3));
    CHECK(is_ok(4));
    CHECK(counts().waiting == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(WaitFixture, "what is kept beyond the limit for somebody is closed after all") {
    config.pool.idle_per_host = 1;
    server.on_connection().expect_head().wait(milliseconds(10)).send(kOk);
    server.on_connection().expect_head().wait(milliseconds(10)).send(kOk);
    answer_always();
    launch(1, request());
    launch(2, request());
    run_until_pool([](const PoolCounts& pool) { return pool.active == 2; });
    launch(3, request());
    wait_for(3);
    loop.run_until([this] { return counts().connecting == 0 && counts().active == 0; });
    loop.spin();
    CHECK(counts().idle == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(WaitFixture, "a client that closes serves those who wait already") {
    config.pool.connections_per_host = 1;
    server.on_connection().expect_head().wait(milliseconds(5)).send(kOk).expect_head().send(kOk);
    answer_always();
    launch(1, request());
    launch(2, request());
    run_until_pool([](const PoolCounts& pool) { return pool.active == 1 && pool.waiting == 1; });
    client().close([this] { is_closed = true; });
    loop.run_until([this] { return is_closed; });
    CHECK(is_ok(1));
    CHECK(is_ok(2));
    CHECK(counts().total() == 0);
    check_sums();
  }

  TEST_CASE_FIXTURE(WaitFixture, "a client that closes dials for those who wait for room") {
    config.pool.connections = 1;
    server.on_connection().expect_head().wait(milliseconds(5)).send(kOk);
    answer_always(other);
    launch(1, request());
    launch(2, request_to(other));
    run_until_pool([](const PoolCounts& pool) { return pool.active == 1 && pool.waiting == 1; });
    client().close([this] { is_closed = true; });
    loop.run_until([this] { return is_closed; });
    CHECK(is_ok(1));
    CHECK(is_ok(2));
    CHECK(counts().total() == 0);
  }

  TEST_CASE_FIXTURE(WaitFixture, "a client that closes keeps a dial whose owner left to another") {
    config.pool.connections_per_host = 1;
    resolver.answers.emplace("slow.test", Resolved{{server.address()}});
    resolver.lookup_time = milliseconds(10);
    answer_always();
    const Url url = Url::parse("http://slow.test:" + std::to_string(server.port()) + "/").value();
    launch(1, Request(url));
    launch(2, Request(url));
    run_until_pool([](const PoolCounts& pool) { return pool.waiting == 2; });
    calls.erase(1);
    client().close([this] { is_closed = true; });
    loop.run_until([this] { return is_closed; });
    CHECK(is_ok(2));
    CHECK(resolver.asked.size() == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(WaitFixture, "a call under way follows its redirect though the client closes") {
    server.on_connection()
        .expect_head()
        .wait(milliseconds(5))
        .send("HTTP/1.1 302 Found\r\nLocation: " + other.url("/there") +
              "\r\nContent-Length: 0\r\n\r\n");
    answer_always(other);
    launch(1, request());
    run_until_pool([](const PoolCounts& pool) { return pool.active == 1; });
    client().close([this] { is_closed = true; });
    loop.run_until([this] { return is_closed; });
    CHECK(is_ok(1));
    CHECK(ends.at(1).led_to->second.path() == "/there");
  }

  TEST_CASE_FIXTURE(WaitFixture, "a call that was started before close is sent, one after is not") {
    answer_always();
    launch(1, request());
    client().close([this] { is_closed = true; });
    launch(2, request());
    loop.run_until([this] { return is_closed; });
    CHECK(is_ok(1));
    CHECK(ends.at(2).error->code == Error::Code::client_closed);
    CHECK(ends.at(2).error->phase == Phase::queue);
    CHECK(server.connections() == 1);
  }

  TEST_CASE_FIXTURE(WaitFixture, "a request that must be new waits for room beside idle ones") {
    config.pool.connections_per_host = 1;
    server.on_connection().expect_head().send(kOk).expect_head().close();
    answer_always();
    launch(1, request());
    wait_for(1);
    launch(2, request());  // meets the dead connection and must have a new one
    launch(3, request());
    wait_for(3);
    CHECK(is_ok(2));
    CHECK(is_ok(3));
    CHECK(counts().stale_retries == 1);
    check_sums();
  }
}

}  // namespace xtrace::pool_wait_test
