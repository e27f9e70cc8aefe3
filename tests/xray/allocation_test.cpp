#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/segment.h>
#include <xtrace/tracer.h>
#include <xtrace/udp_emitter.h>
#include <xtrace/xtrace.h>

#include "support/count_allocations.h"
#include "xray/udp_receiver.h"

namespace xtrace::allocation_test {

namespace {

using testing::allocations_of;

/// A call with six phases: what `xtrace get` records.
void record_call(Segment& segment) {
  Subsegment call = segment.begin_subsegment("api.example.com:8443");
  call.set_namespace(Namespace::remote);
  call.set_http_request({.method = "GET", .url = "https://api.example.com:8443/v1/orders"});
  for (const std::string_view phase : {"connect", "dns", "dial", "tls", "request", "response"}) {
    Subsegment child = call.begin_subsegment(phase);
    child.set_metadata("http", "address", "203.0.113.7:8443");
    child.set_metadata("http", "milliseconds", 0.25);
  }
  call.set_status(503);
  call.add_exception("response_timeout", "GET https://api.example.com:8443/v1/orders: no answer");
}

constexpr const char* kHeader =
    "Root=1-58ed6027-14afb2e09172c337713486c0;Parent=48af77592b6dd73f;Lineage=1:a87bd80c:0";

const char* nothing_set(const char*) {
  return nullptr;
}

TracerConfig tracer_values(std::shared_ptr<Emitter> emitter, double rate) {
  TracerConfig config;
  config.emitter = std::move(emitter);
  config.sampler = std::make_shared<RateSampler>(rate);
  return config;
}

FinalizedTracerConfig tracer_config(std::shared_ptr<Emitter> emitter, double rate) {
  return finalize_config(tracer_values(std::move(emitter), rate), nothing_set).value();
}

}  // namespace

TEST_SUITE("xray/allocation") {
  TEST_CASE("counting works") {
    CHECK(allocations_of([] { ::operator delete(::operator new(1)); }) == 1);
  }

  TEST_CASE("writing a segment again and sending it allocates nothing") {
    testing::UdpReceiver daemon;
    const std::unique_ptr<UdpEmitter> emitter =
        make_udp_emitter(daemon.endpoint(), {.max_delay = Duration::zero()});
    Segment segment = Segment::begin("shop");
    record_call(segment);
    DocumentSet set;
    const auto write_and_send = [&segment, &set, &emitter] {
      segment.write_documents(set);
      emitter->emit(set);
    };
    write_and_send();
    const std::string first = set.documents.at(0);
    CHECK(allocations_of(write_and_send) == 0);
    CHECK(set.documents.at(0) == first);
    CHECK(daemon.receive() == daemon.receive());
  }

  TEST_CASE("a sampled segment with a call inside is recorded and sent without allocating") {
    testing::UdpReceiver daemon;
    Tracer tracer{tracer_config(make_udp_emitter(daemon.endpoint(), {.max_delay = {}}), 1)};
    const TraceHeader header = parse_trace_header(kHeader);
    const auto serve = [&tracer, &header] {
      Segment segment = tracer.begin_segment({}, header);
      record_call(segment);
      segment.set_status(200);
      const ContextScope scope{segment.context()};
      tracer.begin_subsegment("inside").annotate("customer", "a text longer than a short one");
    };
    for (int i = 0; i < 3; ++i) serve();
    CHECK(allocations_of(serve) == 0);
    CHECK(daemon.receive() != "");
  }

  TEST_CASE("a segment of the C interface is recorded and sent without allocating") {
    xtrace_tracer_config config{};
    config.emitter = XTRACE_EMIT_NOWHERE;
    config.sampling = XTRACE_SAMPLE_BY_RATE;
    config.sampling_rate = 1;
    xtrace_tracer* tracer = xtrace_tracer_create(&config, nullptr);
    xtrace_segment_options options{};
    options.trace_header = kHeader;
    std::size_t length = 0;
    const auto serve = [tracer, &options, &length] {
      xtrace_segment* segment = xtrace_begin_segment(tracer, &options);
      xtrace_push_current(segment);
      xtrace_segment* call = xtrace_begin_subsegment_here(tracer, "api.example.com", nullptr);
      std::array<char, XTRACE_TRACE_HEADER_SIZE> header{};
      length = xtrace_trace_header(call, header.data(), header.size());
      xtrace_annotate_text(call, "customer", "a text longer than a short one");
      xtrace_set_status(call, 200);
      xtrace_end(call);
      xtrace_pop_current();
      xtrace_end(segment);
    };
    for (int i = 0; i < 3; ++i) serve();
    CHECK(allocations_of(serve) == 0);
    CHECK(length == 74 + std::string_view{";Lineage=1:a87bd80c:0"}.size());
    xtrace_tracer_destroy(tracer);
  }

  TEST_CASE("an unsampled segment allocates nothing and does not look at the clock") {
    int looks = 0;
    TracerConfig config = tracer_values(std::make_shared<NullEmitter>(), 0);
    config.clock = [&looks] {
      ++looks;
      return now();
    };
    Tracer tracer{finalize_config(std::move(config), nothing_set).value()};
    const TraceHeader header = parse_trace_header(kHeader);
    std::string sent;
    const auto serve = [&tracer, &header, &sent] {
      Segment segment = tracer.begin_segment({}, header);
      record_call(segment);
      Subsegment call = segment.begin_subsegment("call");
      call.add_exception("type", "message");
      sent.clear();
      call.append_trace_header(sent);
    };
    for (int i = 0; i < 3; ++i) serve();
    CHECK(allocations_of(serve) == 0);
    CHECK(looks == 0);
    CHECK(sent == "Root=1-58ed6027-14afb2e09172c337713486c0;Sampled=0;Lineage=1:a87bd80c:0");
  }

  TEST_CASE("a segment that begins in one thread and ends in another is recycled too") {
    Tracer tracer{tracer_config(std::make_shared<NullEmitter>(), 1)};
    const auto hand_over = [&tracer] {
      Segment segment = tracer.begin_segment();
      std::thread{[moved = std::move(segment)]() mutable { moved.end(); }}.join();
    };
    hand_over();
    const std::size_t of_the_thread = allocations_of([] { std::thread{[] {}}.join(); });
    CHECK(allocations_of(hand_over) <= of_the_thread + 1);
  }

  TEST_CASE("what begins after the segment left takes its memory with it") {
    Tracer tracer{tracer_config(std::make_shared<NullEmitter>(), 1)};
    Segment segment = tracer.begin_segment("job", parse_trace_header(kHeader));
    segment.end();
    const auto work = [&segment] {
      for (int i = 0; i < 1000; ++i) {
        Subsegment late = segment.begin_subsegment("late");
        late.begin_subsegment("below").annotate("key", "a text longer than a short one");
      }
    };
    work();
    CHECK(allocations_of(work) == 0);
  }

  TEST_CASE("making, parsing and copying ids allocates nothing") {
    CHECK(allocations_of([] {
            const TraceId id = TraceId::generate(now().wall);
            const TraceId copy = TraceId::parse(id.text()).value();
            if (copy != id || SegmentId::generate().is_noop()) std::abort();
          }) == 0);
  }
}

}  // namespace xtrace::allocation_test
