#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/client.h>
#include <xtrace/http_server.h>
#include <xtrace/traced_client.h>
#include <xtrace/traced_server.h>

#include "http/server_fixture.h"
#include "server_trace_fixture.h"
#include "support/test_loop.h"
#include "traced_service.h"

namespace xtrace::traced_server_test {

namespace {

using testing::field_of;
using testing::holds;
using testing::RawClient;
using testing::Service;
using testing::SlowSource;

const std::string kRoot = "1-58ed6027-14afb2e09172c337713486c0";

struct Fixture {
  testing::TestLoop loop;
  Client client{loop, finalize_config({.proxy = ProxyConfig()}).value()};
  TracedClient traced{client};
  std::optional<Exchange> result;

  /// The answer to a request that carries this trace header.
  Response get(const Service& service, const std::string& trace_header = {},
               const std::string& body = {}) {
    Request request(service.url("/cart?token=secret"));
    if (!trace_header.empty()) request.headers.set("X-Amzn-Trace-Id", trace_header);
    if (!body.empty()) request.method = "POST";
    request.body = body;
    result.reset();
    const Call call =
        client.start(std::move(request), {}, [this](Exchange done) { result = std::move(done); });
    loop.run_until([this] { return result.has_value(); });
    return result->response.value_or(Response());
  }
  void until_sent(const Service& service, std::size_t count = 1) {
    loop.run_until_threads([&service, count] { return service.sent->count() >= count; });
    CHECK(service.sent->count() == count);
  }
};

}  // namespace

TEST_SUITE_BEGIN("instrument/traced_server");

TEST_CASE_FIXTURE(Fixture, "two services and their client make one connected tree") {
  Service back(loop, "back", [](ServerCall call, const SegmentContext&) {
    call.respond(200, "text/plain", "from behind");
  });
  TracedCall onward;
  Service front(loop, "front", [&](ServerCall call, const SegmentContext& segment) {
    CHECK(current_context().id() == segment.id());
    // What outlives the handler is handed the segment; the current one would do as well here.
    auto kept = std::make_shared<ServerCall>(std::move(call));
    onward = traced.start(
        current_context(), Request(back.url("/part")), {},
        [kept](const Exchange& part) { kept->respond(200, "text/plain", part.response->body); });
  });
  Segment whole = Segment::begin("browser");
  const TracedCall call = traced.start(whole.context(), Request(front.url("/page?q=secret")), {},
                                       [this](Exchange done) { result = std::move(done); });
  loop.run_until([this] { return result.has_value(); });
  CHECK(result->response->body == "from behind");
  CHECK_FALSE(current_context().has_trace());
  until_sent(front);
  until_sent(back);
  whole.end();
  const std::string asked = whole.documents().documents.at(0);
  const std::string first = front.sent->last();
  const std::string second = back.sent->last();
  const auto call_in = [](const std::string& document) {
    return field_of(document, "id", document.find("\"subsegments\":[{"));
  };
  CHECK(field_of(first, "parent_id") == call_in(asked));
  CHECK(field_of(second, "parent_id") == call_in(first));
  for (const std::string& document : {first, second}) {
    CAPTURE(document);
    CHECK(field_of(document, "trace_id") == whole.trace_id().text());
    CHECK(holds(document, R"("client_ip":"127.0.0.1"})"));
    CHECK(holds(document.substr(0, document.find("subsegments")),
                R"("response":{"status":200,"content_length":11})"));
    CHECK_FALSE(holds(document, "secret"));
  }
  CHECK(field_of(second, "url") == back.text("/part"));
  CHECK(field_of(second, "user_agent").starts_with("xtrace/"));
}

TEST_CASE_FIXTURE(Fixture, "an answer says whether it was recorded, to who asked") {
  Service service(loop, "shop", [](ServerCall call, const SegmentContext& segment) {
    CHECK(segment.has_trace());
    call.respond(204, "", "");
  });
  for (const bool is_sampled : {true, false}) {
    service.sampler->answer = is_sampled;
    const Response answer = get(service, "Root=" + kRoot + ";Sampled=?");
    REQUIRE(answer.headers.find("X-Amzn-Trace-Id") != nullptr);
    CHECK(*answer.headers.find("X-Amzn-Trace-Id") ==
          "Root=" + kRoot + (is_sampled ? ";Sampled=1" : ";Sampled=0"));
    CHECK_FALSE(get(service, "Root=" + kRoot).headers.contains("X-Amzn-Trace-Id"));
  }
  until_sent(service, 2);
}

TEST_CASE_FIXTURE(Fixture, "a handler that drops the call or throws is seen in the segment") {
  std::function<void()> mishap = [] {};
  std::string type = "unanswered";
  Service service(loop, "shop", [&](ServerCall call, const SegmentContext&) {
    const ServerCall dropped = std::move(call);
    mishap();
  });
  SUBCASE("dropped") {}
  SUBCASE("thrown") {
    type = "std::runtime_error";
    mishap = [] { throw std::runtime_error("no cart today"); };
  }
  SUBCASE("thrown, and nothing that has a name") {
    type = "unknown";
    mishap = [] { throw 7; };
  }
  for (std::size_t i = 1; i <= 2; ++i) {
    CHECK(get(service).status == 500);
    until_sent(service, i);
    const std::string document = service.sent->last();
    CHECK(field_of(document, "type", document.find("exceptions")) == type);
    CHECK(testing::count_of(document, "\"type\":") == 1);
    CHECK(holds(document, R"("status":500)"));
    CHECK(holds(document, R"("fault":true)"));
    CHECK_FALSE(holds(document, R"("error":true)"));
  }
  CHECK_FALSE(current_context().has_trace());
}

TEST_CASE_FIXTURE(Fixture, "a body past the limit is the client's mistake") {
  HttpServerConfig config;
  config.limits.body_bytes = 100;
  Service service(
      loop, "shop",
      [](ServerCall call, const SegmentContext&) {
        auto kept = std::make_shared<ServerCall>(std::move(call));
        kept->collect_body([kept](const Expected<std::string>& body) {
          if (body) kept->respond(200, "text/plain", *body);
        });
      },
      config);
  CHECK(get(service, "", std::string(101, 'x')).status == 413);
  until_sent(service);
  CHECK(field_of(service.sent->last(), "type", service.sent->last().find("exceptions")) ==
        "body_too_large");
  CHECK(holds(service.sent->last(), R"("error":true)"));
  CHECK_FALSE(holds(service.sent->last(), R"("fault":true)"));
  CHECK(get(service, "", std::string(100, 'x')).status == 200);
  until_sent(service, 2);
}

TEST_CASE_FIXTURE(Fixture, "a client that leaves before its answer, or in it, ends the segment") {
  std::vector<ServerCall> kept;
  Service service(loop, "shop", [&](ServerCall call, const SegmentContext&) {
    if (call.request().path == "/kept") return kept.push_back(std::move(call));
    ServerResponse endless;
    endless.source =
        std::make_unique<SlowSource>(std::vector<std::string>(1000, std::string(100'000, 'x')));
    call.respond(std::move(endless));
  });
  RawClient raw(service.server->address());
  SUBCASE("before") {
    raw.send("GET /kept HTTP/1.1\r\nHost: shop\r\n\r\n");
    loop.run_until([&kept] { return !kept.empty(); });
    raw.reset();  // one that only ends its side may still read
    until_sent(service);
    CHECK_FALSE(holds(service.sent->last(), R"("response")"));
    CHECK_FALSE(kept.front().is_open());
  }
  SUBCASE("in it") {
    raw.send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n");
    loop.run_until_threads([&raw] {
      raw.take();
      return raw.received.size() > 100'000;
    });
    raw.reset();
    until_sent(service);
    CHECK(holds(service.sent->last(), R"("response":{"status":200,"content_length":)"));
  }
  const std::string document = service.sent->last();
  CHECK(field_of(document, "type", document.find("exceptions")) == "peer_left");
  CHECK(holds(document, R"("error":true)"));
  CHECK_FALSE(holds(document, R"("fault":true)"));
}

TEST_CASE_FIXTURE(Fixture, "a streamed answer counts its bytes and ends with the last of them") {
  Service service(loop, "shop", [](ServerCall call, const SegmentContext&) {
    ServerResponse streamed;
    streamed.source = std::make_unique<SlowSource>(std::vector<std::string>{"one", "two", "three"});
    call.respond(std::move(streamed));
  });
  CHECK(get(service).body == "onetwothree");
  until_sent(service);
  CHECK(holds(service.sent->last(), R"("response":{"status":200,"content_length":11})"));
}

TEST_CASE_FIXTURE(Fixture, "pipelined requests have a segment each, in their order") {
  Service service(loop, "shop", [](ServerCall call, const SegmentContext&) {
    call.respond(200, "text/plain", "hello");
  });
  RawClient raw(service.server->address());
  std::string requests;
  for (const char* path : {"/1", "/2", "/3"}) {
    requests += std::string("GET ") + path +
                " HTTP/1.1\r\nHost: shop\r\nX-Amzn-Trace-Id: Root=" + kRoot +
                ";Parent=000000000000000" + (path + 1) + "\r\n\r\n";
  }
  raw.send(requests);
  until_sent(service, 3);
  const std::vector<std::string> all = service.sent->all();
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string number = std::to_string(i + 1);
    CHECK(field_of(all[i], "url") == "http://shop/" + number);
    CHECK(field_of(all[i], "parent_id") == "000000000000000" + number);
  }
}

TEST_CASE_FIXTURE(Fixture, "a client's address has no port, and an IPv4 client is one") {
  HttpServerConfig config;
  config.address = Address::from_ip("::", 0).value();
  Service service(
      loop, "shop", [](ServerCall call, const SegmentContext&) { call.respond(204, "", ""); },
      config);
  const std::uint16_t port = service.server->address().port();
  for (const char* ip : {"::1", "127.0.0.1"}) {
    const std::size_t before = service.sent->count();
    RawClient raw(Address::from_ip(ip, port).value());
    raw.send("GET / HTTP/1.0\r\n\r\n");
    until_sent(service, before + 1);
    CHECK(field_of(service.sent->last(), "client_ip") == ip);
  }
}

TEST_CASE_FIXTURE(Fixture, "a server that goes ends its segments, also from inside a handler") {
  std::optional<ServerCall> kept;
  bool destroys = false;
  Service* self = nullptr;
  Service service(loop, "shop", [&](ServerCall call, const SegmentContext& segment) {
    kept.emplace(std::move(call));
    if (!destroys) return;
    self->server.reset();
    CHECK(segment.has_trace());
  });
  self = &service;
  SUBCASE("from outside") {}
  SUBCASE("from inside") {
    destroys = true;
  }
  RawClient raw(service.server->address());
  raw.send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n");
  loop.run_until([&kept] { return kept.has_value(); });
  service.server.reset();
  REQUIRE(service.sent->count() == 1);
  CHECK(holds(service.sent->last(), R"("type":"server_closed")"));
  CHECK(holds(service.sent->last(), R"("fault":true)"));
}

TEST_SUITE_END();

}  // namespace xtrace::traced_server_test
