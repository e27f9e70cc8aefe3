#include "collect/stored_trace.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "collect/trace_digest.h"

using namespace xtrace;
using namespace xtrace::collect;

TEST_SUITE("collect/stored_trace") {
  TEST_CASE("a stored document keeps its text when what it came in goes") {
    std::string datagram = "{\"name\":\"a\"}";
    const StoredDocument document(datagram, SegmentId::generate(), WallTime{});
    datagram.assign(datagram.size(), 'x');

    CHECK(document.text() == "{\"name\":\"a\"}");
  }

  TEST_CASE("a trace without documents was never received") {
    const StoredTrace trace{TraceId{}};

    CHECK(trace.documents().empty());
    CHECK(trace.first_received() == WallTime{});
    CHECK(trace.last_received() == WallTime{});
  }
}
