#include <array>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

#include <xtrace/server_trace.h>
#include <xtrace/trace_header.h>

#include "server_trace_fixture.h"

namespace xtrace::server_trace_test {

namespace {

using testing::field_of;
using testing::holds;
using testing::TracedService;

const std::string kRoot = "1-58ed6027-14afb2e09172c337713486c0";
const std::string kNoRoot = "1-00000000-000000000000000000000000";
const std::string kParent = "48af77592b6dd73f";

constexpr ServerRequestFacts kRequest{.method = "GET",
                                      .scheme = "https",
                                      .host = "shop.example.com:8443",
                                      .path = "/cart",
                                      .user_agent = "curl/8.1",
                                      .peer_ip = "10.0.0.1"};

ServerRequestFacts with_header(std::string_view trace_header) {
  ServerRequestFacts facts = kRequest;
  facts.trace_header = trace_header;
  return facts;
}

/// The document of one request.
std::string served(TracedService& service, const ServerRequestFacts& request,
                   const ServerTraceConfig& config = {}, int status = 200) {
  ServerTrace(service.tracer, config).begin(request).end({.status = status});
  return service.sent->last();
}

std::string client_ip(std::string_view forwarded_for, std::size_t hops) {
  return std::string(client_ip_of(forwarded_for, hops).value_or("-"));
}

}  // namespace

TEST_SUITE_BEGIN("instrument/server_trace");

TEST_CASE_FIXTURE(TracedService, "a segment tells what was asked and what was answered") {
  ServerTrace trace(tracer);
  ServerSegment segment = trace.begin(with_header("Root=" + kRoot + ";Parent=" + kParent));
  CHECK(sent->count() == 0);
  segment.end({.status = 404, .content_length = 512});
  segment.end({.status = 500});
  REQUIRE(sent->count() == 1);
  const std::string document = sent->last();
  CHECK(holds(document,
              R"("http":{"request":{"method":"GET","url":"https://shop.example.com:8443/cart",)"
              R"("user_agent":"curl/8.1","client_ip":"10.0.0.1"},)"
              R"("response":{"status":404,"content_length":512}})"));
  CHECK(field_of(document, "name") == "shop");
  CHECK(field_of(document, "trace_id") == kRoot);
  CHECK(field_of(document, "parent_id") == kParent);
  CHECK(holds(document, R"("error":true)"));
  CHECK_FALSE(holds(document, R"("fault":true)"));
  CHECK(sampler->question == "shop shop.example.com:8443 GET /cart");
}

TEST_CASE_FIXTURE(TracedService, "what is secret is not recorded, what is odd is no URL") {
  ServerRequestFacts facts = kRequest;
  facts.host = "ann:secret@shop.example.com";
  facts.path = "/cart?token=secret";
  CHECK_FALSE(holds(served(*this, facts), "secret"));
  facts.host = "shop.example.com";
  facts.path = "*";
  CHECK(field_of(served(*this, facts), "url") == "https://shop.example.com/*");
  facts.host = "";  // HTTP/1.0
  facts.path = "/cart";
  CHECK(field_of(served(*this, facts), "url") == "/cart");
}

TEST_CASE_FIXTURE(TracedService,
                  "a name comes from a host that is known, the settings, the tracer") {
  struct Sample {
    std::string_view host;
    std::string_view name;
  };
  ServerTraceConfig config{.name = "front",
                           .host_patterns = {"*.example.com", "127.0.0.?", "2001:*"}};
  for (const Sample& sample : {Sample{"shop.example.com", "shop.example.com"},
                               {"Shop.Example.COM:8080", "Shop.Example.COM"},
                               {"127.0.0.1:80", "127.0.0.1"},
                               {"[2001:db8::5]:80", "2001:db8::5"},
                               {"example.com", "front"},
                               {"[2001:db8::5", "2001:db8::5"},
                               {"[", "front"},
                               {":80", "front"},
                               {"", "front"}}) {
    CAPTURE(sample.host);
    ServerRequestFacts facts = kRequest;
    facts.host = sample.host;
    CHECK(field_of(served(*this, facts, config), "name") == sample.name);
    CHECK(sampler->question.starts_with(sample.name));
  }
  config.name = "";
  ServerRequestFacts facts = kRequest;
  facts.host = "elsewhere";
  CHECK(field_of(served(*this, facts, config), "name") == "shop");
}

TEST_CASE("the client's address is what the trusted proxies vouch for, or nothing") {
  constexpr std::string_view kThree = "203.0.113.7, 198.51.100.2 ,\t10.0.0.3";
  CHECK(client_ip(kThree, 0) == "-");
  CHECK(client_ip(kThree, 1) == "10.0.0.3");
  CHECK(client_ip(kThree, 2) == "198.51.100.2");
  CHECK(client_ip(kThree, 3) == "203.0.113.7");
  CHECK(client_ip(kThree, 4) == "-");
  CHECK(client_ip("", 1) == "-");
  CHECK(client_ip("203.0.113.7", 1) == "203.0.113.7");
  CHECK(client_ip("203.0.113.7:4711", 1) == "203.0.113.7");
  CHECK(client_ip("2001:db8::5", 1) == "2001:db8::5");
  CHECK(client_ip("[2001:db8::5]", 1) == "2001:db8::5");
  CHECK(client_ip("unknown, [2001:db8::5]:4711", 1) == "2001:db8::5");
  for (const std::string_view odd :
       {"unknown", "203.0.113.7, unknown", "203.0.113.7,", ",", "203.0.113.7:", "203.0.113.7:x",
        "203.0.113.7:123456", "203.0.113", "203.0.113.256", "[203.0.113.7]", "[2001:db8::5",
        "[2001:db8::5]4711", "[]", "[", "fe80::1%eth0", "203.0.113.7;drop", "localhost",
        "2001:db8:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:5"}) {
    CAPTURE(odd);
    CHECK(client_ip(odd, 1) == "-");
  }
  CHECK(client_ip("192.0.2.66, 203.0.113.7, ", 2) == "203.0.113.7");  // the empty entry counts
  const std::string_view part = "203.0.113.7, 198.51.100.2";
  CHECK(client_ip_of(part, 2)->data() == part.data());
}

TEST_CASE_FIXTURE(TracedService, "only what trusted proxies forwarded takes the peer's place") {
  ServerRequestFacts facts = kRequest;
  facts.forwarded_for = "192.0.2.66, 203.0.113.7";
  CHECK(holds(served(*this, facts), R"("client_ip":"10.0.0.1"})"));
  CHECK(holds(served(*this, facts, {.trusted_hops = 1}),
              R"("client_ip":"203.0.113.7","x_forwarded_for":true)"));
  CHECK(holds(served(*this, facts, {.trusted_hops = 3}), R"("client_ip":"10.0.0.1"})"));
}

TEST_CASE_FIXTURE(TracedService, "who asks for the decision is answered, whatever it is") {
  struct Sample {
    std::string request;
    TraceAnswer answer;
    std::string sampled;
    std::string unsampled;
  };
  const std::string asked = "Root=" + kRoot + ";Parent=" + kParent + ";Sampled=?;Lineage=1:a:0";
  const std::string root = "Root=" + kRoot;
  for (const Sample& sample :
       {Sample{asked, TraceAnswer::when_asked, root + ";Sampled=1", root + ";Sampled=0"},
        {asked, TraceAnswer::always, root + ";Sampled=1", root + ";Sampled=0"},
        {asked, TraceAnswer::never, "", ""},
        {root, TraceAnswer::when_asked, "", ""},
        {root, TraceAnswer::always, root, root},
        {root + ";Sampled=1", TraceAnswer::when_asked, "", ""},
        {root + ";Sampled=0;Self=x", TraceAnswer::always, root, root},
        {"Root=odd;Sampled=?", TraceAnswer::always, "", "Root=odd;Sampled=0"},
        {"Sampled=?", TraceAnswer::always, "", "Root=" + kNoRoot + ";Sampled=0"}}) {
    CAPTURE(sample.request);
    ServerTrace trace(tracer, {.answer = sample.answer});
    for (const bool is_sampled : {true, false}) {
      sampler->answer = is_sampled;
      ServerSegment segment = trace.begin(with_header(sample.request));
      std::string line = "X-Amzn-Trace-Id: ";
      const bool has_answer = segment.append_answer_header(line);
      CHECK(line == "X-Amzn-Trace-Id: " + segment.answer_header());
      CHECK(has_answer == !segment.answer_header().empty());
      const std::string expected = is_sampled ? sample.sampled : sample.unsampled;
      const bool is_fresh = is_sampled && expected.empty() && has_answer;
      CHECK(segment.answer_header() ==
            (is_fresh ? "Root=" + segment.context().trace_id().to_string() + ";Sampled=1"
                      : expected));
      segment.end({.status = 200});
    }
  }
}

TEST_CASE_FIXTURE(TracedService, "a caller's decision stands, a bare root gets one of our own") {
  struct Sample {
    std::string sampled;
    int asked;
    std::size_t documents;
  };
  for (const Sample& sample :
       {Sample{";Sampled=0", 0, 0}, {";Sampled=1", 0, 1}, {"", 1, 1}, {";Sampled=?", 1, 1}}) {
    CAPTURE(sample.sampled);
    const int asked = sampler->asked;
    const std::size_t documents = sent->count();
    ServerTrace trace(tracer);
    ServerSegment segment = trace.begin(with_header("Self=1-x;Root=" + kRoot + sample.sampled));
    CHECK(segment.context().trace_id().text() == kRoot);
    segment.end({.status = 200});
    CHECK(sampler->asked - asked == sample.asked);
    CHECK(sent->count() - documents == sample.documents);
  }
}

TEST_CASE_FIXTURE(TracedService, "what came with the trace goes on to whom the handler calls") {
  ServerTrace trace(tracer, {.reads_traceparent = true});
  ServerSegment segment = trace.begin(
      with_header("Root=" + kRoot + ";Self=1-x;Parent=" + kParent + ";Lineage=1:a:0;a=1;b=2"));
  const std::string id = segment.context().id().to_string();
  CHECK(segment.context().trace_header().to_string() ==
        "Root=" + kRoot + ";Parent=" + id + ";Sampled=1;Lineage=1:a:0;a=1;b=2");
  // More fields than are read in place, and one twice.
  const std::string many = "Root=" + kRoot + ";Sampled=0;a=1;b=2;c=3;d=4;e=5;f=6;g=7;h=8";
  CHECK(trace.begin(with_header(many)).context().trace_header().to_string() == many);
  CHECK(trace.begin(with_header(many + ";A=9")).context().trace_header().extra.size() == 8);

  const std::string parent = "00-58ed602714afb2e09172c337713486c0-48af77592b6dd73f-00";
  ServerRequestFacts facts = with_header("Root=1-11111111-111111111111111111111111");
  facts.traceparent = parent;
  CHECK(trace.begin(facts).context().trace_header().to_string() == "Root=" + kRoot + ";Sampled=0");
  facts.tracestate = "xtrace=Lineage:1:b:0,rojo=00f067aa0ba902b7";
  const TraceHeader header = trace.begin(facts).context().trace_header();
  CHECK(header.to_string() == "Root=" + kRoot + ";Sampled=0;Lineage=1:b:0");
  CHECK(header.tracestate == "rojo=00f067aa0ba902b7");
  facts.trace_header = "Root=1-11111111-111111111111111111111111;Sampled=0";
  CHECK(trace.begin(facts).context().trace_header().to_string() == facts.trace_header);
  facts.trace_header = "";
  CHECK(ServerTrace(tracer).begin(facts).context().trace_id().text() != kRoot);
}

TEST_SUITE_END();

}  // namespace xtrace::server_trace_test
