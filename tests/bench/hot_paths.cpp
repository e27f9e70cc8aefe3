#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/timeline.h>
#include <xtrace/traced_exchange.h>

#include "client/deadlines.h"
#include "collect/datagram_batch.h"
#include "collect/digests.h"
#include "collect/document_facts.h"
#include "collect/document_ring.h"
#include "collect/filter.h"
#include "http/parser.h"
#include "instrument/attempt_headers.h"
#include "instrument/call_recorder.h"
#include "support/count_allocations.h"

namespace xtrace {

using testing::allocations_of;

namespace {

/// Does the work again and again for some milliseconds and prints what once takes.
template <class Work>
void print_time(const char* name, Work work) {
  constexpr int kRounds = 1000;
  const Tick began = std::chrono::steady_clock::now();
  for (int round = 0; round < kRounds; ++round) work();
  const Duration once = (std::chrono::steady_clock::now() - began) / kRounds;
  MESSAGE(std::string(name) << ": " << once.count() << " ns");
}

/// What an attempt over TLS writes down.
void record_phases(Timeline& timeline) {
  using std::chrono::microseconds;
  timeline.dials[0].span = {microseconds(30), microseconds(60), Outcome::ok};
  timeline.dial_count = 1;
  int at = 0;
  for (const Phase phase : {Phase::queue, Phase::dns_wait, Phase::dns, Phase::connect, Phase::tls,
                            Phase::request, Phase::response, Phase::body}) {
    timeline.begin(phase, microseconds(at));
    timeline.end(phase, microseconds(at += 10), Outcome::ok);
  }
  timeline.total = microseconds(at);
}

/// What an attempt on a kept connection writes down.
Timeline kept_timeline() {
  using std::chrono::microseconds;
  Timeline timeline;
  timeline.started = now();
  int at = 0;
  for (const Phase phase : {Phase::queue, Phase::request, Phase::response, Phase::body}) {
    timeline.set(phase, {microseconds(at), microseconds(at + 10), Outcome::ok});
    at += 10;
  }
  timeline.total = microseconds(at);
  timeline.reused = true;
  timeline.idle_time = microseconds(70);
  timeline.connection = 3;
  timeline.local = Address::from_ipv4({127, 0, 0, 1}, 40001);
  timeline.remote = Address::from_ipv4({127, 0, 0, 1}, 8080);
  return timeline;
}

struct BodyCounter final : ResponseEvents {
  std::size_t bytes = 0;

  void on_status_line_begins() override {}
  void on_interim(Response /*response*/) override {}
  void on_head(Response /*response*/) override {}
  void on_body(std::span<const std::byte> piece) override { bytes += piece.size(); }
  void on_complete(Headers /*trailers*/) override {}
};

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

TEST_SUITE("bench/hot_paths") {
  TEST_CASE("recording an attempt allocates for its first dial, and nothing else") {
    Timeline timeline;
    CHECK(allocations_of([&timeline] { timeline.dials[0] = {}; }) == 1);
    CHECK(allocations_of([&timeline] { record_phases(timeline); }) == 0);
    CHECK(allocations_of([&timeline] { CHECK(timeline.other() >= Duration::zero()); }) == 0);
    print_time("recording eight phases", [&timeline] { record_phases(timeline); });
  }

  TEST_CASE("passing a body on allocates nothing, with a length and in chunks") {
    const std::string kilobyte(1024, 'x');
    std::string head;
    std::string piece;
    SUBCASE("with a length") {
      head = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
      piece = kilobyte;
    }
    SUBCASE("in chunks") {
      head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
      piece = "400\r\n" + kilobyte + "\r\n";
    }
    BodyCounter body;
    ResponseParser parser("GET", {}, body);
    REQUIRE(parser.feed(as_bytes(head)).has_value());
    const auto feed = [&parser, &piece] {
      if (!parser.feed(as_bytes(piece))) FAIL("refused");
    };
    CHECK(allocations_of(feed) == 0);
    print_time("parsing 1 KiB of body", feed);
    CHECK(body.bytes == 1001 * 1024);
  }

  TEST_CASE("moving a deadline allocates nothing") {
    Loop loop;
    Deadlines deadlines(loop, [](Limit) {});
    deadlines.set(Limit::total, std::chrono::hours(1));
    const auto move = [&deadlines] { deadlines.set(Limit::idle, std::chrono::hours(2)); };
    CHECK(allocations_of(move) == 0);
    print_time("moving a deadline", move);
  }

  TEST_CASE("a timeline becomes a segment document in one sweep") {
    Exchange exchange;
    exchange.timeline.started = now();
    record_phases(exchange.timeline);
    const Request request(Url::parse("http://127.0.0.1/").value());
    DocumentSet documents;
    const auto record = [&] {
      Segment segment = Segment::begin("bench", {.start = exchange.timeline.started.wall});
      Subsegment remote =
          segment.begin_subsegment("127.0.0.1", {.start = exchange.timeline.started.wall});
      record_exchange(remote, request, exchange);
      segment.end();
      segment.write_documents(documents);
    };
    record();
    CHECK(documents.documents.size() == 1);
    print_time("recording and writing a segment", record);
  }

  TEST_CASE("what tracing adds to a request on a kept connection allocates for its texts alone") {
    Exchange exchange;
    exchange.response = Response{.status = 200, .content_length = 1024};
    exchange.timeline = kept_timeline();
    Request request(Url::parse("http://127.0.0.1:8080/index.html?session=1").value());
    AttemptHeaders headers;
    DocumentSet documents;
    std::string scratch;
    const auto trace = [&] {
      Segment segment = Segment::begin("bench", {.start = exchange.timeline.started.wall});
      headers.begin(segment, false);
      headers.write_into(request);
      const RecordOptions options{.sent = headers.sent()};
      CallRecorder(request.method, request.url, exchange, options, scratch).record_below(segment);
      headers.end();
      segment.end();
      segment.write_documents(documents);
    };
    trace();
    CHECK(documents.documents.size() == 1);
    // The value of the header, and the URL.
    CHECK(allocations_of(trace) <= 3);
    print_time("tracing a request on a kept connection", trace);
  }

  TEST_CASE("a filter looks at everything of a trace without allocating") {
    const collect::TraceDigest trace = collect::testing::checkout_digest();
    const auto filter = collect::Filter::parse(
        "http.url CONTAINS \"/none/\" OR user = \"none\" OR annotation.tier = \"none\" OR "
        "service(\"pay\") { error OR responsetime > 5 } OR edge() { duration > 5 } OR "
        "rootcause.fault.service { name = \"none\" } OR NOT throttle OR partial");
    REQUIRE(filter.has_value());
    bool is_match = true;
    const auto match = [&] { is_match = filter->matches(trace); };
    CHECK(allocations_of(match) == 0);
    CHECK_FALSE(is_match);
    print_time("filtering a trace", match);
  }

  TEST_CASE("a datagram's document is read and handed on without allocating") {
    const std::string datagram =
        "{\"format\": \"json\", \"version\": 1}\n"
        R"({"trace_id":"1-65a0b1c2-0123456789abcdef01234567","id":"00c0ffee00c0ffee","name":"a b",)"
        R"("start_time":1705030082.271,"end_time":1705030082.449,"http":{"response":{"status":200}},)"
        R"("subsegments":[{"id":"0badcafe0badcafe","name":"b","start_time":1705030082.3,)"
        R"("end_time":1705030082.4,"in_progress":false,"metadata":{"text":"caf\u00e9"}}]})";
    collect::DocumentRing ring(0);
    collect::DocumentFacts facts;
    collect::DocumentRing::Record record;
    const auto receive = [&] {
      ring.push(collect::document_of(datagram), WallTime{});
      ring.publish();
      if (ring.take(record)) facts = collect::read_document_facts(record.document);
      ring.retire();
    };
    CHECK(allocations_of(receive) == 0);
    CHECK(facts.trace_id.has_value());
    CHECK_FALSE(facts.refusal.has_value());
    print_time("receiving a document", receive);
  }
}

}  // namespace xtrace
