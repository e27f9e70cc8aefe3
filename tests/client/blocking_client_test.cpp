#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtrace/blocking_client.h>

#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::blocking_client_test {

using testing::ScriptedServer;
using testing::TestLoop;

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

FinalizedClientConfig settings() {
  return finalize_config({.proxy = ProxyConfig()}).value();
}

/// A server on the loop of the test, and threads that wait for what it answers.
struct Fixture {
  TestLoop loop;
  ScriptedServer server{loop};

  Request request() const { return Request(Url::parse(server.url("/")).value()); }

  /// Each connection answers so many requests.
  void answer(int requests) {
    auto& script = server.on_connection();
    for (int i = 0; i < requests; ++i) script.expect_head().send(std::string(kAnswer));
  }

  /// Does `work` on another thread, while the server plays its part here.
  template <class Work>
  void wait_for(Work work) {
    std::atomic<bool> is_done{false};
    std::thread thread([&work, &is_done] {
      work();
      is_done = true;
    });
    loop.run_until_threads([&is_done] { return is_done.load(); });
    thread.join();
  }
};

}  // namespace

TEST_SUITE_BEGIN("client/blocking_client");

TEST_CASE_FIXTURE(Fixture,
                  "fetch returns the whole exchange, and the next one reuses its connection") {
  answer(2);
  BlockingClient client(settings());
  Exchange first;
  Exchange second;
  wait_for([this, &client, &first, &second] {
    first = client.fetch(request());
    second = client.fetch(request());
  });
  REQUIRE(first.response.has_value());
  CHECK(first.response->body == "hello");
  CHECK(first.timeline.find(Phase::body) != nullptr);
  CHECK_FALSE(first.timeline.reused);
  REQUIRE(second.response.has_value());
  CHECK(second.timeline.reused);
  CHECK(server.connections() == 1);
  CHECK(client.pool_stats().total.reused == 1);
  CHECK(client.pool_stats().total.idle == 1);
}

TEST_CASE_FIXTURE(Fixture, "many threads share one client and its pool, which others may watch") {
  constexpr int kThreads = 6;
  constexpr int kRequests = 15;
  constexpr std::size_t kConnections = 4;
  answer(kThreads * kRequests);
  BlockingClient client(
      finalize_config({.pool = {.connections_per_host = kConnections}, .proxy = ProxyConfig()})
          .value());
  std::atomic<int> answered{0};
  wait_for([this, &client, &answered] {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this, &client, &answered] {
        for (int n = 0; n < kRequests; ++n) {
          const Exchange exchange = client.fetch(request());
          if (exchange.response && exchange.response->body == "hello") ++answered;
          if (client.pool_stats().total.total() > kConnections) answered = -1'000;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  CHECK(answered == kThreads * kRequests);
  const PoolCounts total = client.pool_stats().total;
  CHECK(total.reused + total.opened >= kThreads * kRequests);
}

TEST_CASE_FIXTURE(Fixture, "a failure is returned with its reason") {
  std::string url;
  {
    const ScriptedServer gone(loop);
    url = gone.url("/");
  }
  BlockingClient client(settings());
  const Exchange exchange = client.fetch(Request(Url::parse(url).value()));
  REQUIRE(exchange.error.has_value());
  CHECK(exchange.error->code == Error::Code::connect_refused);
  CHECK(exchange.timeline.dial_count == 1);
}

TEST_CASE_FIXTURE(Fixture, "destroying a client ends the requests that threads wait for") {
  constexpr std::size_t kThreads = 3;
  server.on_connection().silent();
  auto client = std::make_unique<BlockingClient>(settings());
  std::atomic<int> closed{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&client, &closed, what = request()] {
      const Exchange exchange = client->fetch(what);
      if (exchange.error && exchange.error->code == Error::Code::client_closed) ++closed;
    });
  }
  loop.run_until([this] {
    if (server.connections() < kThreads) return false;
    for (std::size_t i = 0; i < kThreads; ++i) {
      if (server.received(i).empty()) return false;
    }
    return true;
  });
  // The threads read the pointer once, before their requests reached the server.
  client.reset();
  for (std::thread& thread : threads) thread.join();
  CHECK(closed == kThreads);
}

TEST_CASE_FIXTURE(Fixture,
                  "hooks and on_body run on one other thread, and are gone when fetch returns") {
  answer(1);
  BlockingClient client(settings());
  const auto captured = std::make_shared<std::string>();
  std::thread::id hook_thread;
  bool is_other = false;
  wait_for([this, &client, &captured, &hook_thread, &is_other] {
    CallOptions options;
    options.trace.get_conn = [&hook_thread](std::string_view) {
      hook_thread = std::this_thread::get_id();
    };
    options.on_body = [captured, &hook_thread,
                       &is_other](std::span<const std::byte> piece) -> Expected<Flow> {
      captured->append(reinterpret_cast<const char*>(piece.data()), piece.size());
      is_other = std::this_thread::get_id() != hook_thread;
      return Flow::proceed;
    };
    client.fetch(request(), std::move(options));
    is_other = is_other || std::this_thread::get_id() == hook_thread || captured.use_count() != 1;
  });
  CHECK(*captured == "hello");
  CHECK(hook_thread != std::thread::id());
  CHECK_FALSE(is_other);
}

TEST_CASE_FIXTURE(Fixture, "an on_body that pauses ends the request, for nobody could resume it") {
  answer(1);
  BlockingClient client(settings());
  Exchange exchange;
  wait_for([this, &client, &exchange] {
    CallOptions options;
    options.on_body = [](std::span<const std::byte>) -> Expected<Flow> { return Flow::pause; };
    exchange = client.fetch(request(), std::move(options));
  });
  REQUIRE(exchange.error.has_value());
  CHECK(exchange.error->code == Error::Code::body_refused);
}

TEST_CASE_FIXTURE(Fixture,
                  "a thread may wait for a client that lives on a loop thread of its host") {
  answer(1);
  std::optional<Client> client;  // outlives the thread, on which it is made and destroyed
  LoopThread thread;
  std::atomic<bool> is_made{false};
  thread.loop().post([&thread, &client, &is_made] {
    client.emplace(thread.loop(), settings());
    is_made = true;
  });
  Exchange exchange;
  wait_for([this, &thread, &client, &is_made, &exchange] {
    while (!is_made) std::this_thread::yield();
    exchange = fetch(thread, *client, request());
  });
  REQUIRE(exchange.response.has_value());
  CHECK(exchange.response->status == 200);
  thread.loop().post([&client] { client.reset(); });
}

TEST_CASE_FIXTURE(Fixture, "in a child after fork a client refuses, and dies without waiting") {
  auto client = std::make_unique<BlockingClient>(settings());
  const Request what = request();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(5);
    const Exchange exchange = client->fetch(what);
    client.reset();
    const bool is_refused = exchange.error && exchange.error->code == Error::Code::client_closed;
    ::_exit(is_refused ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_SUITE_END();

}  // namespace xtrace::blocking_client_test
