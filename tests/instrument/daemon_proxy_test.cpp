#include "instrument/daemon_proxy.h"

#include <memory>
#include <optional>

#include <doctest/doctest.h>

#include "daemon_host.h"
#include "support/test_loop.h"

namespace xtrace::daemon_proxy_test {

using namespace std::chrono_literals;
using testing::answer;
using testing::endpoint_of;
using testing::ScriptedServer;
using testing::TestLoop;

namespace {

struct Fixture {
  TestLoop loop;
  ScriptedServer server{loop};
  std::optional<Expected<std::string>> reply;

  void ask(DaemonProxy& proxy, std::string body = "{}") {
    reply.reset();
    proxy.post(kSamplingRulesPath, std::move(body),
               [this](Expected<std::string> got) { reply = std::move(got); });
    CHECK_FALSE(reply.has_value());
    loop.run_until([this] { return reply.has_value(); });
  }

  /// The error that the scripted server makes of one question.
  Error fail(const DaemonLimits& limits = {}) {
    DaemonProxy proxy(loop, endpoint_of(server), limits);
    ask(proxy);
    REQUIRE_FALSE(reply->has_value());
    return reply->error();
  }
};

}  // namespace

TEST_SUITE_BEGIN("instrument/daemon_proxy");

TEST_CASE_FIXTURE(Fixture, "a question is posted as JSON and answered with the body of the reply") {
  answer(server, R"({"SamplingRuleRecords":[]})");
  DaemonProxy proxy(loop, endpoint_of(server));
  ask(proxy, R"({"NextToken":"t"})");
  REQUIRE(reply->has_value());
  CHECK(**reply == R"({"SamplingRuleRecords":[]})");
  const std::string received = server.received();
  CHECK(testing::request_line(received) == "POST /GetSamplingRules HTTP/1.1");
  CHECK(received.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(testing::sent_json_of(received).at("NextToken") == "t");
  CHECK(proxy.is_idle());
}

TEST_CASE_FIXTURE(Fixture, "questions are asked one after the other") {
  answer(server, "1");
  answer(server, "2");
  DaemonProxy proxy(loop, endpoint_of(server));
  std::string order;
  for (int i = 0; i < 2; ++i) {
    proxy.post(kSamplingTargetsPath, "{}",
               [&order](const Expected<std::string>& got) { order += got ? *got : "failed"; });
  }
  loop.run_until([&order] { return !order.empty(); });
  CHECK(server.connections() == 1);
  loop.run_until([&order] { return order.size() == 2; });
  CHECK(order == "12");
}

TEST_CASE_FIXTURE(Fixture, "a refused connection is told with the deed and may be tried again") {
  DaemonEndpoint nobody;
  {
    const ScriptedServer gone(loop);
    nobody = endpoint_of(gone);
  }
  DaemonProxy proxy(loop, nobody);
  ask(proxy);
  const Error error = reply->error();
  CHECK(error.code == Error::Code::connect_refused);
  CHECK(error.message == "POST /GetSamplingRules: connect " + nobody.to_string() +
                             ": connection refused (ECONNREFUSED)");
  CHECK(is_temporary(error));
}

TEST_CASE_FIXTURE(Fixture, "a daemon that never answers is given up at the limit") {
  server.on_connection().silent();
  const Error error = fail({.total = 20ms});
  CHECK(is_timeout(error.code));
  CHECK(is_temporary(error));
}

TEST_CASE_FIXTURE(Fixture, "a status that is no 200 is an error with the service's own words") {
  struct Case {
    const char* status;
    const char* body;
    Error::Code code;
    bool is_temporary;
    const char* words;
  };
  using enum Error::Code;
  const Case cases[] = {
      {"500 Oops", "", service_unavailable, true, " answered with status 500"},
      {"502 Bad Gateway", "<html>", service_unavailable, true, " answered with status 502"},
      {"403 No", R"({"message":"The token is expired"})", service_denied, true,
       " answered with status 403: The token is expired"},
      {"429 Slow", R"({"Message":"Rate exceeded"})", service_throttled, true, "Rate exceeded"},
      {"400 No", R"({"__type":"com.aws#ThrottledException"})", service_throttled, true,
       "status 400, ThrottledException"},
      {"400 No", R"({"__type":"InvalidRequestException","message":"a\nb"})", service_refused, false,
       "status 400, InvalidRequestException: a b"},
      {"404 No", "[[", service_refused, false, " answered with status 404"},
      {"204 Nothing", "", service_refused, false, " answered with status 204"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.status);
    CAPTURE(each.body);
    Fixture fixture;
    answer(fixture.server, each.body, each.status);
    const Error error = fixture.fail();
    CHECK(error.code == each.code);
    CHECK(is_temporary(error) == each.is_temporary);
    CHECK(error.message.find(each.words) != std::string::npos);
    CHECK(error.message.starts_with("POST /GetSamplingRules: "));
  }
}

TEST_CASE_FIXTURE(Fixture, "a reply above the limit is not kept") {
  answer(server, std::string(4096, 'x'));
  CHECK(fail({.reply_bytes = 1024}).code == Error::Code::body_too_large);
}

TEST_CASE_FIXTURE(Fixture, "a reply that is cut fails and may be asked for again") {
  server.on_connection()
      .expect_head()
      .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
      .close();
  const Error error = fail();
  CHECK(error.code == Error::Code::body_cut);
  CHECK(is_temporary(error));
}

TEST_CASE_FIXTURE(Fixture, "an endpoint that makes no URL fails later and for good") {
  DaemonProxy proxy(loop, {.host = "no host", .port = 1});
  ask(proxy);
  CHECK_FALSE(reply->has_value());
  CHECK_FALSE(is_temporary(reply->error()));
  ask(proxy);
  CHECK_FALSE(reply->has_value());
}

TEST_CASE_FIXTURE(Fixture, "a proxy may be destroyed by the answer, and while it waits for one") {
  SUBCASE("by the answer") {
    answer(server, "{}");
    auto proxy = std::make_unique<DaemonProxy>(loop, endpoint_of(server));
    proxy->post(kSamplingRulesPath, "{}",
                [&proxy](const Expected<std::string>&) { proxy.reset(); });
    proxy->post(kSamplingRulesPath, "{}", [](const Expected<std::string>&) {
      FAIL("a question of a proxy that is gone was answered");
    });
    loop.run_until([&proxy] { return proxy == nullptr; });
  }
  SUBCASE("while it waits") {
    server.on_connection().expect_head().silent();
    auto proxy = std::make_unique<DaemonProxy>(loop, endpoint_of(server));
    proxy->post(kSamplingRulesPath, "{}", [](const Expected<std::string>&) {
      FAIL("a question of a proxy that is gone was answered");
    });
    loop.run_until([this] { return server.connections() == 1; });
    proxy.reset();
  }
  loop.spin(8);
}

TEST_SUITE_END();

}  // namespace xtrace::daemon_proxy_test
