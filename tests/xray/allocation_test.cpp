#include <cstdlib>

#include <doctest/doctest.h>

#include <xtrace/segment.h>
#include <xtrace/udp_emitter.h>

#include "support/count_allocations.h"
#include "xray/udp_receiver.h"

namespace xtrace {

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

  TEST_CASE("making, parsing and copying ids allocates nothing") {
    CHECK(allocations_of([] {
            const TraceId id = TraceId::generate(now().wall);
            const TraceId copy = TraceId::parse(id.text()).value();
            if (copy != id || SegmentId::generate().is_noop()) std::abort();
          }) == 0);
  }
}

}  // namespace xtrace
