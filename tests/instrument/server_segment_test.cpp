#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/server_trace.h>
#include <xtrace/traced_server.h>

#include "server_trace_fixture.h"

namespace xtrace::server_segment_test {

namespace {

using testing::field_of;
using testing::holds;
using testing::TracedService;

constexpr ServerRequestFacts kRequest{.method = "PUT", .host = "shop", .path = "/cart"};

struct Fixture : TracedService {
  ServerTrace trace{tracer};
  ServerSegment segment = trace.begin(kRequest);
};

std::string flags_of(const std::string& document) {
  std::string flags;
  for (const char* flag : {"error", "throttle", "fault"}) {
    if (!holds(document, "\"" + std::string(flag) + "\":true")) continue;
    flags += flags.empty() ? "" : " ";
    flags += flag;
  }
  return flags;
}

}  // namespace

TEST_SUITE_BEGIN("instrument/server_segment");

TEST_CASE_FIXTURE(TracedService,
                  "a request that was aborted ends with what happened, and by whom") {
  struct Sample {
    Error::Code code;
    int status;
    std::string_view flags;
  };
  using enum Error::Code;
  ServerTrace trace(tracer);
  for (const Sample& sample : {Sample{peer_left, 0, "error"},
                               {peer_left, 200, "error"},
                               {peer_stalled, 0, "error"},
                               {request_invalid, 400, "error"},
                               {body_too_large, 413, "error"},
                               {peer_left, 503, "error fault"},
                               {unanswered, 500, "fault"},
                               {server_closed, 0, "fault"},
                               {send_failed, 200, "fault"},
                               {body_source_failed, 200, "fault"}}) {
    CAPTURE(to_string(sample.code));
    ServerSegment aborted = trace.begin(kRequest);
    aborted.abort({sample.code, Phase::none, "what happened in words"},
                  {.status = sample.status, .content_length = 7});
    aborted.end({.status = 200});
    const std::string document = sent->last();
    CHECK(flags_of(document) == sample.flags);
    const std::size_t cause = document.find("\"exceptions\"");
    REQUIRE(cause != std::string::npos);
    CHECK(field_of(document, "type", cause) == to_string(sample.code));
    CHECK(field_of(document, "message", cause) == "what happened in words");
    const std::string response =
        R"("response":{"status":)" + std::to_string(sample.status) + R"(,"content_length":7})";
    CHECK(holds(document, response) == (sample.status != 0));
    CHECK(holds(document, "\"response\"") == (sample.status != 0));
  }
}

TEST_CASE_FIXTURE(Fixture, "a segment that is dropped ends with a fault that says so") {
  { const ServerSegment dropped = std::move(segment); }
  REQUIRE(sent->count() == 1);
  CHECK(flags_of(sent->last()) == "fault");
  CHECK(holds(sent->last(), R"("type":"unanswered")"));
  CHECK(holds(sent->last(), "dropped before there was an answer"));
}

TEST_CASE_FIXTURE(Fixture, "an exception is recorded with what it wraps, and tells why") {
  try {
    try {
      throw std::out_of_range("row 7");
    } catch (const std::exception&) {
      std::throw_with_nested(std::runtime_error("read the cart"));
    }
  } catch (const std::exception& failure) {
    segment.add_exception(failure);
  }
  SUBCASE("of a call that then has no answer") {
    segment.abort({Error::Code::unanswered, Phase::none, "nobody answered"}, {.status = 500});
    CHECK(flags_of(sent->last()) == "fault");
  }
  SUBCASE("of a call whose client left as well") {
    segment.abort({Error::Code::peer_left, Phase::none, "the client closed"});
    CHECK(flags_of(sent->last()) == "error fault");
    CHECK(holds(sent->last(), "the client closed"));
  }
  SUBCASE("of a call that is answered all the same") {
    segment.end({.status = 200});
    CHECK(flags_of(sent->last()) == "fault");
  }
  CHECK(holds(sent->last(), "read the cart"));
  CHECK(holds(sent->last(), "row 7"));
  CHECK_FALSE(holds(sent->last(), "nobody answered"));
}

TEST_CASE_FIXTURE(Fixture, "a segment that moves ends once, where it came to") {
  ServerSegment moved = std::move(segment);
  segment.end({.status = 500});  // NOLINT(bugprone-use-after-move): that is the test
  CHECK(sent->count() == 0);
  ServerSegment other = trace.begin(kRequest);
  const std::string second = other.context().id().to_string();
  moved = std::move(other);  // what it held was dropped
  REQUIRE(sent->count() == 1);
  CHECK(flags_of(sent->last()) == "fault");
  ServerSegment& same = moved;
  moved = std::move(same);
  moved.end({.status = 200});
  REQUIRE(sent->count() == 2);
  CHECK(field_of(sent->last(), "id") == second);
  CHECK(flags_of(sent->last()).empty());
  segment = std::move(moved);
  segment = {};
  CHECK(sent->count() == 2);
}

TEST_CASE_FIXTURE(Fixture, "other threads record below a segment, and may end it") {
  std::array<std::thread, 2> threads;
  for (std::thread& each : threads) {
    each = std::thread([context = segment.context()] {
      for (int i = 0; i < 20; ++i) context.begin_subsegment("step").annotate("i", i);
    });
  }
  for (std::thread& each : threads) each.join();
  std::thread([ended = std::move(segment)]() mutable { ended.end({.status = 200}); }).join();
  const std::string document = sent->last();
  std::size_t steps = 0;
  for (std::size_t at = 0; (at = document.find(R"("name":"step")", at)) != std::string::npos;
       ++at) {
    ++steps;
  }
  CHECK(steps == 40);
}

TEST_CASE("a tracer that is switched off leaves nothing behind") {
  TracedService service("shop", true);
  ServerTrace trace(service.tracer, {.answer = TraceAnswer::always});
  ServerRequestFacts facts = kRequest;
  facts.trace_header = "Sampled=?";
  ServerSegment segment = trace.begin(facts);
  CHECK_FALSE(segment.context().has_trace());
  CHECK(segment.answer_header().empty());
  segment.add_exception(std::runtime_error("nobody hears it"));
  segment.abort({Error::Code::peer_left, Phase::none, "left"});
  CHECK(service.sent->count() == 0);
  CHECK(service.sampler->asked == 0);
}

TEST_CASE("the facts of a request are its fields, whatever their case and number") {
  IncomingRequest request;
  request.method = "GET";
  request.path = "/a";
  request.query = "secret";
  request.host = "shop:80";
  std::array<FieldView, 12> fields{{{"Host", "shop:80"},
                                    {"USER-AGENT", "one"},
                                    {"User-Agent", "two"},
                                    {"X-Forwarded-For", "192.0.2.1, 192.0.2.2"},
                                    {"x-forwarded-for", "192.0.2.3"},
                                    {"X-FORWARDED-FOR", ""},
                                    {"x-amzn-trace-iD", "Sampled=1"},
                                    {"X-Amzn-Trace-Id", "Sampled=0"},
                                    {"x-amzn-trace-ie", "Sampled=?"},
                                    {"TraceParent", "00-a"},
                                    {"tracestate", "a=1"},
                                    {"Tracestate", "b=2"}}};
  request.fields = fields;
  const RequestFacts read(request, true, "192.0.2.9");
  const ServerRequestFacts& facts = read.facts();
  CHECK(facts.method == "GET");
  CHECK(facts.scheme == "https");
  CHECK(facts.host == "shop:80");
  CHECK(facts.path == "/a");
  CHECK(facts.user_agent == "one");
  CHECK(facts.peer_ip == "192.0.2.9");
  CHECK(facts.forwarded_for == "192.0.2.1, 192.0.2.2,192.0.2.3,");
  CHECK(facts.trace_header == "Sampled=1");
  CHECK(facts.traceparent == "00-a");
  CHECK(facts.tracestate == "a=1,b=2");
  fields[0] = {"traceparent", "00-b"};
  fields[3] = {"traceparent", "00-c"};
  CHECK(RequestFacts(request).facts().traceparent.empty());
  CHECK(RequestFacts(request).facts().scheme == "http");
  CHECK(RequestFacts(request).facts().forwarded_for == "192.0.2.3,");
}

TEST_SUITE_END();

}  // namespace xtrace::server_segment_test
