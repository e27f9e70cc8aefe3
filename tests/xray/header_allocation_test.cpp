#include <doctest/doctest.h>

#include <xtrace/trace_header.h>

#include "support/count_allocations.h"

namespace xtrace::header_allocation_test {

TEST_SUITE("xray/header_allocation") {
  TEST_CASE("writing a header behind a warm string allocates nothing") {
    TraceHeader header = parse_trace_header(
        "Root=1-58ed6027-14afb2e09172c337713486c0;Parent=48af77592b6dd73f;Sampled=1;Lineage=1:a:0");
    header.tracestate = "rojo=00f067aa0ba902b7";
    std::string out;
    const auto write = [&header, &out] {
      out = "X-Amzn-Trace-Id: ";
      header.append_to(out);
      out += "\r\ntraceparent: ";
      header.append_traceparent_to(out);
      out += "\r\ntracestate: ";
      header.append_tracestate_to(out);
    };
    write();
    CHECK(testing::allocations_of(write) == 0);
    CHECK(out ==
          "X-Amzn-Trace-Id: Root=1-58ed6027-14afb2e09172c337713486c0;Parent=48af77592b6dd73f;"
          "Sampled=1;Lineage=1:a:0\r\n"
          "traceparent: 00-58ed602714afb2e09172c337713486c0-48af77592b6dd73f-01\r\n"
          "tracestate: xtrace=Lineage:1:a:0,rojo=00f067aa0ba902b7");
  }
}

}  // namespace xtrace::header_allocation_test
