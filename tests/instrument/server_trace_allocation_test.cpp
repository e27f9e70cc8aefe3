#include <array>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/server_trace.h>
#include <xtrace/traced_server.h>

#include "support/count_allocations.h"

namespace xtrace::server_trace_allocation_test {

namespace {

FinalizedTracerConfig settings(double rate) {
  TracerConfig config;
  config.emitter = std::make_shared<NullEmitter>();
  config.sampler = std::make_shared<RateSampler>(rate);
  return finalize_config(std::move(config), [](const char*) -> const char* { return nullptr; })
      .value();
}

constexpr std::array<FieldView, 5> kFields{
    {{"Host", "shop.example.com:8443"},
     {"User-Agent", "a browser with a name that is longer than a short text"},
     {"X-Forwarded-For", "192.0.2.66, 2001:db8:1111:2222:3333:4444:5555:6666"},
     {"X-Amzn-Trace-Id",
      "Root=1-58ed6027-14afb2e09172c337713486c0;Parent=48af77592b6dd73f;Sampled=?;"
      "Lineage=1:a87bd80c:0|68fd508a:5"},
     {"traceparent", "00-58ed602714afb2e09172c337713486c0-48af77592b6dd73f-00"}}};

}  // namespace

TEST_SUITE("instrument/server_trace_allocation") {
  TEST_CASE("a request takes no memory, sampled or not, answered or aborted") {
    IncomingRequest request;
    request.method = "GET";
    request.host = kFields[0].value;
    request.path = "/a/path/that/is/longer/than/a/short/text";
    request.fields = kFields;
    const Error left{Error::Code::peer_left, Phase::none, "the client closed the connection"};
    for (const double rate : {0.0, 1.0}) {
      CAPTURE(rate);
      Tracer tracer(settings(rate));
      ServerTrace trace(tracer, {.host_patterns = {"*.example.org", "*.example.com"},
                                 .trusted_hops = 1,
                                 .reads_traceparent = true});
      std::string answer;
      const auto serve = [&](bool is_answered) {
        const RequestFacts facts(request, true, "10.0.0.1");
        ServerSegment segment = trace.begin(facts.facts());
        answer.clear();
        segment.append_answer_header(answer);
        const ContextScope scope(segment.context());
        if (is_answered) return segment.end({.status = 200, .content_length = 512});
        segment.abort(left, {.status = 200, .content_length = 7});
      };
      serve(true);
      serve(false);
      CHECK(testing::allocations_of([&] {
              for (int i = 0; i < 100; ++i) serve(i % 2 == 0);
            }) == 0);
      CHECK(answer ==
            "Root=1-58ed6027-14afb2e09172c337713486c0;Sampled=" + std::to_string(rate > 0));
      CHECK(tracer.stats().sampled == (rate > 0 ? 102 : 0));
    }
  }
}

}  // namespace xtrace::server_trace_allocation_test
