#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/reliable_emitter.h>

#include "daemon_host.h"
#include "reliable_fixture.h"
#include "support/no_threads.h"

namespace xtrace::reliable_failure_test {

using namespace std::chrono_literals;
using testing::answer;
using testing::documents_in;
using testing::endpoint_of;
using testing::ReliableFixture;
using testing::ScriptedServer;

TEST_SUITE_BEGIN("instrument/reliable_emitter");

TEST_CASE_FIXTURE(ReliableFixture, "a document is sent again until it is acknowledged") {
  const char* failure = nullptr;
  SUBCASE("after a server error") {
    failure = "500 Oops";
  }
  SUBCASE("after throttling") {
    failure = "429 Slow Down";
  }
  SUBCASE("after a refusal of credentials") {
    failure = "403 Forbidden";
  }
  answer(server, "{}", failure);
  answer(server, "{}", failure);
  answer(server, "{}");
  make();
  emit({R"({"id":"a"})", R"({"id":"b"})"});
  run_until_settled();
  CHECK(emitter->stats().sent == 2);
  CHECK(emitter->stats().flushes == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(documents_in(server.received(i)).size() == 2);
}

TEST_CASE_FIXTURE(ReliableFixture, "an answer that cannot be read acknowledges nothing") {
  SUBCASE("malformed") {
    answer(server, "}{");
  }
  SUBCASE("empty") {
    answer(server, "");
  }
  SUBCASE("no HTTP") {
    server.on_connection().expect_head().send("hello\r\n\r\n").close();
  }
  SUBCASE("cut") {
    server.on_connection().expect_head().send("HTTP/1.1 200 OK\r\n").close();
  }
  SUBCASE("reset") {
    server.on_connection().expect_head().reset();
  }
  answer(server, "{}");
  make();
  emit({"{}"});
  run_until_settled();
  CHECK(emitter->stats().sent == 1);
  CHECK(server.connections() == 2);
  CHECK(emitter->last_error().has_value());
}

TEST_CASE_FIXTURE(ReliableFixture,
                  "a daemon that never answers is asked again on a new connection") {
  server.on_connection().silent();
  answer(server, "{}");
  options.request_limit = 30ms;
  make();
  emit({"{}"});
  run_until_settled();
  CHECK(emitter->stats().sent == 1);
  CHECK(is_timeout(emitter->last_error()->code));
}

TEST_CASE_FIXTURE(ReliableFixture, "documents wait for a daemon that comes back") {
  DaemonEndpoint endpoint;
  std::optional<ScriptedServer> daemon(std::in_place, loop);
  endpoint = endpoint_of(*daemon);
  answer(*daemon, "{}");
  make_for(endpoint);
  emit({R"({"id":"a"})"});
  run_until_settled();
  daemon.reset();
  emit({R"({"id":"b"})"});
  emit({R"({"id":"c"})"});
  loop.run_until_threads([this] { return emitter->stats().flushes >= 4; });
  CHECK(emitter->stats().sent == 1);
  CHECK(emitter->stats().queued == 2);
  CHECK(emitter->last_error()->code == Error::Code::connect_refused);
  daemon.emplace(
      loop, ScriptedServer::Options{.address = Address::from_ipv4({127, 0, 0, 1}, endpoint.port)});
  answer(*daemon, "{}");
  run_until_settled();
  CHECK(emitter->stats().sent == 3);
}

TEST_CASE_FIXTURE(ReliableFixture, "patience at its end counts what is lost by its reason") {
  options.patience = 5ms;
  SUBCASE("nobody listens") {
    DaemonEndpoint nobody;
    {
      const ScriptedServer gone(loop);
      nobody = endpoint_of(gone);
    }
    make_for(nobody);
    emit({"{}", "{}"});
    run_until_settled();
    CHECK(emitter->stats().refused == 2);
    CHECK(emitter->stats().dropped_error == 0);
    CHECK(emitter->stats().flushes >= 2);
  }
  SUBCASE("the service cannot do it") {
    answer(server, "{}", "503 Busy");
    make();
    emit({"{}", "{}"});
    run_until_settled();
    CHECK(emitter->stats().dropped_error == 2);
    CHECK(emitter->stats().refused == 0);
    CHECK(emitter->last_error()->code == Error::Code::service_unavailable);
  }
}

TEST_CASE_FIXTURE(ReliableFixture, "without patience every document is tried once") {
  options.patience = 0s;
  options.batch_documents = 1;
  answer(server, "{}", "500 Oops");
  answer(server, "{}");
  answer(server, "{}", "500 Oops");
  make();
  emit({R"({"id":"a"})", R"({"id":"b"})", R"({"id":"c"})"});
  run_until_settled();
  CHECK(emitter->stats().sent == 1);
  CHECK(emitter->stats().dropped_error == 2);
  CHECK(server.connections() == 3);
}

TEST_CASE_FIXTURE(ReliableFixture,
                  "an endpoint that makes no URL loses documents with its reason") {
  make_for({.host = "no host", .port = 1});
  emit({"{}"});
  run_until_settled();
  CHECK(emitter->stats().dropped_error == 1);
  CHECK(emitter->last_error()->code == Error::Code::invalid_host_name);
}

TEST_CASE_FIXTURE(ReliableFixture, "destruction waits for the daemon no longer than its limit") {
  server.on_connection().silent();
  options.close_limit = 10ms;
  make();
  emit({"{}"});
  loop.run_until_threads([this] { return server.connections() == 1; });
  emitter.reset();
  loop.run_until([this] { return server.connection().peer_ended; });
}

TEST_CASE_FIXTURE(ReliableFixture,
                  "what several threads emit is delivered once, in the order of each") {
  answer(server, "{}", "200 OK", "]}");
  make();
  const auto emit_many = [this](const std::string& who) {
    for (int i = 0; i < 200; ++i) emit({who + std::to_string(1000 + i)});
  };
  std::thread first(emit_many, "a");
  std::thread second(emit_many, "b");
  loop.run_until_threads([this] { return emitter->stats().sent == 400; });
  first.join();
  second.join();
  std::vector<std::string> of_first;
  std::vector<std::string> of_second;
  for (std::size_t i = 0; i < server.connections(); ++i) {
    for (const std::string& document : documents_in(server.received(i))) {
      (document.front() == 'a' ? of_first : of_second).push_back(document);
    }
  }
  CHECK(of_first.size() == 200);
  CHECK(of_second.size() == 200);
  CHECK(std::ranges::is_sorted(of_first));
  CHECK(std::ranges::is_sorted(of_second));
}

TEST_CASE_FIXTURE(ReliableFixture, "documents wait for a thread that cannot be had yet") {
  answer(server, "{}");
  make();
  {
    const testing::NoThreads none;
    emit({R"({"id":"a"})"});
    CHECK(emitter->stats().queued == 1);
    REQUIRE(emitter->last_error().has_value());
    CHECK(emitter->last_error()->message.find("start a thread for ") == 0);
  }
  emit({R"({"id":"b"})"});
  run_until_settled();
  CHECK(emitter->stats().sent == 2);
}

TEST_CASE_FIXTURE(ReliableFixture, "patience without end keeps to the pauses") {
  options.patience = Duration::max();
  options.first_retry = 1h;
  options.longest_retry = 1h;
  options.close_limit = 0ns;
  answer(server, "{}", "500 Oops");
  make();
  emit({R"({"id":"a"})"});
  loop.run_until_threads([this] { return emitter->last_error().has_value(); });
  CHECK_FALSE(emitter->drain(20ms));
  CHECK(emitter->stats().flushes == 1);
}

TEST_SUITE_END();

}  // namespace xtrace::reliable_failure_test
