#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/segment.h>
#include <xtrace/traced_client.h>
#include <xtrace/tracer.h>

#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::traced_client_test {

using nlohmann::json;
using testing::ScriptedServer;
using testing::TestLoop;

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string redirect_to(const std::string& url) {
  return "HTTP/1.1 302 Found\r\nLocation: " + url + "\r\nContent-Length: 0\r\n\r\n";
}

/// The value of that field in the request numbered `index` of one connection.
std::string field_of(const std::string& received, std::string_view name, int index = 0) {
  std::size_t at = 0;
  const std::string wanted = "\r\n" + std::string(name) + ": ";
  for (int i = 0; i <= index; ++i) at = received.find(wanted, at) + wanted.size();
  if (at < wanted.size()) return {};
  return received.substr(at, received.find("\r\n", at) - at);
}

std::string parent_of(const std::string& header) {
  return parse_trace_header(header).parent;
}

FinalizedClientConfig settings() {
  return finalize_config({.proxy = ProxyConfig()}).value();
}

struct Fixture {
  TestLoop loop;
  ScriptedServer server{loop};
  Client client{loop, settings()};
  TracedClient traced{client};
  Segment segment = Segment::begin("test");
  std::optional<Exchange> result;
  TracedCall call;

  Request request(std::string_view path = "/") const {
    return Request(Url::parse(server.url(path)).value());
  }

  void start(const SegmentContext& parent, CallOptions options = {}) {
    result.reset();
    call = traced.start(parent, request(), std::move(options),
                        [this](Exchange exchange) { result = std::move(exchange); });
  }

  void get(const SegmentContext& parent, CallOptions options = {}) {
    start(parent, std::move(options));
    loop.run_until([this] { return result.has_value(); });
  }

  json subsegments() {
    segment.end();
    return json::parse(segment.documents().documents.at(0)).value("subsegments", json::array());
  }
};

}  // namespace

TEST_SUITE_BEGIN("instrument/traced_client");

TEST_CASE_FIXTURE(Fixture, "a request names the subsegment that tells about it as its parent") {
  server.on_connection()
      .expect_head()
      .send(std::string(kAnswer))
      .expect_head()
      .send(std::string(kAnswer));
  get(segment);
  get(segment);
  const json all = subsegments();
  REQUIRE(all.size() == 2);
  for (int i = 0; i < 2; ++i) {
    const TraceHeader header =
        parse_trace_header(field_of(server.received(), "X-Amzn-Trace-Id", i));
    CHECK(header.root == segment.trace_id());
    CHECK(header.sampled == Sampled::yes);
    CHECK(header.parent == all.at(static_cast<std::size_t>(i)).at("id"));
  }
  CHECK(all.at(1).at("metadata").at("http").at("connection").at("reused") == true);
}

TEST_CASE_FIXTURE(Fixture, "a redirect's legs send the ids that they are recorded under") {
  server.on_connection()
      .expect_head()
      .send(redirect_to(server.url("/next")))
      .expect_head()
      .send(std::string(kAnswer));
  get(segment);
  CHECK(result->response->status == 200);
  const json all = subsegments();
  REQUIRE(all.size() == 2);
  const std::string received = server.received();
  const std::string first = parent_of(field_of(received, "X-Amzn-Trace-Id", 0));
  const std::string second = parent_of(field_of(received, "X-Amzn-Trace-Id", 1));
  CHECK(first != second);
  CHECK(all.at(0).at("id") == first);
  CHECK(all.at(1).at("id") == second);
  CHECK(all.at(1).at("http").at("request").at("url") == server.url("/next"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a request on a stale connection is recorded with the one that made it good") {
  server.on_connection().expect_head().send(std::string(kAnswer)).expect_head().close();
  server.on_connection().expect_head().send(std::string(kAnswer));
  get(segment);
  get(segment);
  CHECK(result->response->status == 200);
  const json host = subsegments().at(1);
  REQUIRE(host.at("subsegments").size() == 2);
  const std::string first = parent_of(field_of(server.received(0), "X-Amzn-Trace-Id", 1));
  CHECK(host.at("subsegments").at(0).at("id") == first);
  const std::string second = parent_of(field_of(server.received(1), "X-Amzn-Trace-Id"));
  CHECK(host.at("subsegments").at(1).at("id") == second);
}

TEST_CASE_FIXTURE(Fixture, "an unsampled trace goes on in the header and is not recorded") {
  server.on_connection().expect_head().send(std::string(kAnswer));
  auto config = finalize_config(TracerConfig{.name = "t",
                                             .has_real_unsampled_ids = true,
                                             .sampler = std::make_shared<RateSampler>(0),
                                             .emitter = std::make_shared<NullEmitter>()});
  Tracer tracer{config.value()};
  Segment unsampled = tracer.begin_segment();
  get(unsampled);
  const TraceHeader header = parse_trace_header(field_of(server.received(), "X-Amzn-Trace-Id"));
  CHECK(header.root == unsampled.trace_id());
  CHECK(header.sampled == Sampled::no);
}

TEST_CASE_FIXTURE(Fixture, "without a trace a request is sent as it is") {
  server.on_connection().expect_head().send(std::string(kAnswer));
  get({});
  CHECK(result->response->status == 200);
  CHECK(server.received().find("Trace-Id") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the caller's before_attempt runs first, and its error ends the call") {
  server.on_connection().expect_head().send(std::string(kAnswer));
  CallOptions options;
  options.before_attempt = [](Request& next) -> Expected<void> {
    next.headers.set("X-Amzn-Trace-Id", "Root=mine");
    next.headers.set("X-Own", "1");
    return {};
  };
  get(segment, std::move(options));
  CHECK(field_of(server.received(), "X-Own") == "1");
  CHECK(parse_trace_header(field_of(server.received(), "X-Amzn-Trace-Id")).root ==
        segment.trace_id());

  CallOptions refusing;
  refusing.before_attempt = [](Request&) -> Expected<void> {
    return Error{Error::Code::invalid_request, Phase::none, "not today"};
  };
  get(segment, std::move(refusing));
  CHECK(result->error->message == "not today");
  const json all = subsegments();
  CHECK(all.at(1).at("fault") == true);
}

TEST_CASE_FIXTURE(Fixture, "traceparent goes beside the header where it is asked for") {
  server.on_connection().expect_head().send(std::string(kAnswer));
  TracedClient both(client, {.sends_traceparent = true});
  TracedCall own = both.start(segment, request(), {},
                              [this](Exchange exchange) { result = std::move(exchange); });
  loop.run_until([this] { return result.has_value(); });
  const std::string received = server.received();
  const TraceHeader w3c = parse_traceparent(field_of(received, "traceparent"));
  CHECK(w3c.root == segment.trace_id());
  CHECK(w3c.parent == parent_of(field_of(received, "X-Amzn-Trace-Id")));
}

TEST_CASE_FIXTURE(Fixture,
                  "a call that is destroyed leaves a subsegment that says so, and runs nothing") {
  server.on_connection().silent();
  start(segment);
  loop.run_until([this] { return !server.received().empty(); });
  const std::string sent = parent_of(field_of(server.received(), "X-Amzn-Trace-Id"));
  call = TracedCall();
  loop.spin();
  CHECK_FALSE(result.has_value());
  const json host = subsegments().at(0);
  CHECK(host.at("id") == sent);
  CHECK(host.at("cause").at("exceptions").at(0).at("type") == "cancelled");
  CHECK_FALSE(host.contains("subsegments"));
}

TEST_CASE_FIXTURE(Fixture, "an aborted call is recorded as far as it came") {
  server.on_connection().silent();
  start(segment);
  loop.run_until([this] { return !server.received().empty(); });
  const Exchange exchange = call.abort();
  CHECK(exchange.error->code == Error::Code::cancelled);
  CHECK_FALSE(call.is_running());
  const json all = subsegments();
  REQUIRE(all.size() == 1);
  CHECK(all.at(0).at("subsegments").at(0).at("name") == "connect");
}

TEST_CASE_FIXTURE(Fixture, "on_done may destroy its call, and start the next") {
  server.on_connection()
      .expect_head()
      .send(std::string(kAnswer))
      .expect_head()
      .send(std::string(kAnswer));
  int ended = 0;
  call = traced.start(segment, request(), {}, [this, &ended](const Exchange&) {
    ++ended;
    call = traced.start(segment, request(), {}, [this, &ended](const Exchange&) {
      ++ended;
      call = TracedCall();
    });
  });
  loop.run_until([&ended] { return ended == 2; });
  CHECK(subsegments().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a thread that waits gets its call recorded too") {
  server.on_connection().expect_head().send(std::string(kAnswer));
  std::optional<BlockingClient> blocking(settings());
  std::atomic<bool> is_done{false};
  std::thread thread([this, &blocking, &is_done] {
    traced_fetch(*blocking, segment, request());
    is_done = true;
  });
  loop.run_until_threads([&is_done] { return is_done.load(); });
  thread.join();
  blocking.reset();
  const json all = subsegments();
  REQUIRE(all.size() == 1);
  CHECK(all.at(0).at("id") == parent_of(field_of(server.received(), "X-Amzn-Trace-Id")));
}

TEST_SUITE_END();

}  // namespace xtrace::traced_client_test
