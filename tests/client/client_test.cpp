#include <algorithm>

#include "client_fixture.h"

namespace xtrace::client_test {

using std::chrono::milliseconds;

namespace {

constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct PublicFixture {
  testing::TestLoop loop;
  testing::ScriptedServer server{loop};
  ClientConfig config{.proxy = ProxyConfig()};
  std::optional<Client> client;

  Client& made() {
    if (!client) client.emplace(loop, finalize_config(config).value());
    return *client;
  }
  Request request() const { return Request(Url::parse(server.url("/")).value()); }
  void answer_always(int times = 4) {
    testing::Script& script = server.on_connection();
    for (int i = 0; i < times; ++i) script.expect_head().send(kOk);
  }
};

}  // namespace

TEST_SUITE("client/client") {
  TEST_CASE_FIXTURE(PublicFixture, "a thousand calls run at once, each told once") {
    config.pool.connections_per_host = 20;
    answer_always(1000);
    std::vector<int> told(1000, 0);
    int ended = 0;
    std::vector<Call> calls(told.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
      calls[i] = made().start(request(), {}, [&told, &ended, i](Exchange exchange) {
        CHECK_FALSE(exchange.error.has_value());
        ++told[i];
        ++ended;
      });
    }
    loop.run_until([&ended, &told] { return ended == static_cast<int>(told.size()); });
    CHECK(std::ranges::all_of(told, [](int times) { return times == 1; }));
    CHECK(made().pool_stats().total.opened + made().pool_stats().total.reused == 1000);
  }

  TEST_CASE_FIXTURE(PublicFixture, "close lets what runs finish and takes nothing new") {
    server.on_connection().expect_head().wait(milliseconds(20)).send(kOk);
    std::string told;
    Call running = made().start(request(), {}, [&told](Exchange exchange) {
      told += exchange.error ? "failed " : "done ";
    });
    loop.run_until([this] { return made().pool_stats().total.active == 1; });
    made().close([&told] { told += "closed"; });
    Call late = made().start(request(), {}, [&told](Exchange exchange) {
      told += std::string(to_string(exchange.error->code)) + " ";
    });
    loop.run_until([&told] { return told.ends_with("closed"); });
    CHECK(told == "client_closed done closed");
    CHECK(made().pool_stats().total.total() == 0);
    CHECK(made().pool_stats().total.closed_for(CloseReason::closed) == 1);
  }

  TEST_CASE_FIXTURE(PublicFixture, "close of an idle client is told on a later turn") {
    answer_always();
    bool is_done = false;
    Call call = made().start(request(), {}, [&is_done](Exchange) { is_done = true; });
    loop.run_until([&is_done] { return is_done; });
    bool is_closed = false;
    made().close([&is_closed] { is_closed = true; });
    CHECK_FALSE(is_closed);
    CHECK(made().pool_stats().total.idle == 0);
    loop.run_until([&is_closed] { return is_closed; });
  }

  TEST_CASE_FIXTURE(PublicFixture, "abort fails what runs and what waits") {
    config.pool.connections_per_host = 1;
    server.on_connection().expect_head().silent();
    int failed = 0;
    std::vector<Call> calls(3);
    for (Call& call : calls) {
      call = made().start(request(), {}, [&failed](Exchange exchange) {
        CHECK(exchange.error->code == Error::Code::client_closed);
        ++failed;
      });
    }
    loop.run_until([this] { return made().pool_stats().total.active == 1; });
    made().abort();
    CHECK(failed == 3);
    CHECK(made().pool_stats().total.total() == 0);
  }

  TEST_CASE_FIXTURE(PublicFixture, "close_idle leaves what is in use alone") {
    server.on_connection().expect_head().wait(milliseconds(20)).send(kOk);
    answer_always();
    int ended = 0;
    const auto count = [&ended](Exchange exchange) {
      CHECK_FALSE(exchange.error.has_value());
      ++ended;
    };
    Call slow = made().start(request(), {}, count);
    Call quick = made().start(request(), {}, count);
    loop.run_until([&ended] { return ended == 1; });
    CHECK(made().pool_stats().total.idle == 1);
    made().close_idle();
    CHECK(made().pool_stats().total.idle == 0);
    CHECK(made().pool_stats().total.active == 1);
    loop.run_until([&ended] { return ended == 2; });
  }

  TEST_CASE_FIXTURE(PublicFixture, "idle connections do not keep the loop running") {
    answer_always();
    {
      Loop own;
      Client alone(own, finalize_config(config).value());
      bool is_done = false;
      Call call = alone.start(request(), {}, [&is_done](Exchange) { is_done = true; });
      while (!is_done) {
        own.run_until([&is_done] { return is_done; }, milliseconds(5));
        loop.spin(5);
      }
      CHECK(alone.pool_stats().total.idle == 1);
      own.run();  // returns: nothing referenced is left
      CHECK(alone.pool_stats().total.idle == 1);
    }
  }
}

}  // namespace xtrace::client_test
