#include "collect/trace_store.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace trace_store_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace std::chrono_literals;

namespace {

std::string hex(std::uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t at = digits; at-- > 0; number >>= 4U)
    text[at] = "0123456789abcdef"[number & 15U];
  return text;
}

std::string trace_text(std::uint64_t number) {
  return "1-65a0b1c2-" + hex(number, 24);
}

TraceId trace_id(std::uint64_t number) {
  return *TraceId::parse(trace_text(number));
}

/// A document that the service takes; `more` is what it ends with.
std::string document(std::uint64_t trace, std::uint64_t id,
                     const std::string& more = R"("end_time":2)") {
  return R"({"name":"orders","id":")" + hex(id, 16) + R"(","trace_id":")" + trace_text(trace) +
         R"(","start_time":1,)" + more + "}";
}

const std::string kOpen = R"("in_progress":true)";

struct Fixture {
  explicit Fixture(const StoreLimits& limits = {}) : store(limits) {}

  std::optional<ServiceError> add(const std::string& text) {
    now += 1s;
    return store.add(text, Door::udp, now);
  }
  /// The traces that are held, by their numbers' last digit, the newest first.
  std::string order() const {
    std::string digits;
    store.visit_newest([&digits](const StoredTrace& trace) {
      digits += trace.id().text().back();
      return true;
    });
    return digits;
  }

  /// Whether everything that was received is somewhere.
  bool adds_up() const {
    const StoreStats stats = store.stats();
    return stats.received == stats.documents + stats.replaced + stats.duplicates + stats.strays +
                                 stats.evicted_documents + stats.cleared_documents;
  }

  TraceStore store;
  WallTime now{};
};

}  // namespace

TEST_SUITE("collect/trace_store") {
  TEST_CASE("documents of a trace are joined whatever their order") {
    Fixture fixture;
    CHECK_FALSE(fixture.add(document(1, 11)).has_value());
    CHECK_FALSE(fixture.add(document(2, 21)).has_value());
    CHECK_FALSE(fixture.add(document(1, 12, kOpen)).has_value());

    const StoredTrace* trace = fixture.store.find(trace_id(1));
    REQUIRE(trace != nullptr);
    REQUIRE(trace->documents().size() == 2);
    CHECK(trace->documents()[0].text() == document(1, 11));
    CHECK(trace->documents()[1].text() == document(1, 12, kOpen));
    CHECK(trace->documents()[1].is_in_progress);
    CHECK(trace->first_received() == WallTime{1s});
    CHECK(trace->last_received() == WallTime{3s});
    CHECK(fixture.order() == "12");
    CHECK(fixture.store.find(trace_id(3)) == nullptr);
  }

  TEST_CASE("a document outlives what it came in") {
    Fixture fixture;
    std::string datagram = document(1, 11);
    fixture.add(datagram);
    datagram.assign(datagram.size(), 'x');
    CHECK(fixture.store.find(trace_id(1))->documents()[0].text() == document(1, 11));
  }

  TEST_CASE("a document replaces an earlier one of its id, and what is open never what is done") {
    Fixture fixture;
    fixture.add(document(1, 11, kOpen));
    fixture.add(document(1, 11));
    const std::uint64_t revision = fixture.store.revision();
    CHECK(fixture.store.find(trace_id(1))->documents()[0].text() == document(1, 11));

    fixture.add(document(1, 11, kOpen));
    CHECK(fixture.store.revision() == revision);
    fixture.add(document(1, 11, R"("end_time":3)"));
    const StoredTrace& trace = *fixture.store.find(trace_id(1));
    REQUIRE(trace.documents().size() == 1);
    CHECK(trace.documents()[0].text() == document(1, 11, R"("end_time":3)"));
    CHECK(trace.first_received() == WallTime{1s});
    CHECK(trace.revision() > revision);
    const StoreStats stats = fixture.store.stats();
    CHECK(stats.received == 4);
    CHECK(stats.replaced == 2);
    CHECK(stats.duplicates == 1);
    CHECK(stats.documents == 1);
  }

  TEST_CASE("a document without an id of its own replaces none") {
    Fixture fixture;
    const std::string nameless = R"({"trace_id":")" + trace_text(1) + R"("})";
    CHECK(fixture.add(nameless) == ServiceError::missing_name);
    fixture.add(nameless);
    CHECK(fixture.store.find(trace_id(1))->documents().size() == 2);
  }

  TEST_CASE("what the service would refuse is kept and marked") {
    Fixture fixture;
    CHECK(fixture.add(document(1, 11, R"("user":"ann")")) == ServiceError::missing_end_time);
    CHECK(fixture.store.find(trace_id(1))->documents()[0].refusal ==
          ServiceError::missing_end_time);
    CHECK(fixture.store.stats().refused.at("MissingEndTime") == 1);
  }

  TEST_CASE("what belongs to no trace is a stray, and the last ones are kept") {
    Fixture fixture({.strays = 2});
    CHECK(fixture.add("[1]") == ServiceError::parse_error);
    CHECK(fixture.add(std::string(5000, 'x')) == ServiceError::parse_error);
    CHECK(fixture.add(R"({"name":"a","id":"00c0ffee00c0ffee","start_time":1,"end_time":2})") ==
          ServiceError::invalid_trace_id);

    const auto& strays = fixture.store.strays();
    REQUIRE(strays.size() == 2);
    CHECK(strays[0].text == std::string(4096, 'x'));
    CHECK(strays[0].code == ServiceError::parse_error);
    CHECK(strays[1].reason == "field \"trace_id\": it is missing (InvalidTraceId)");
    CHECK(strays[1].received == WallTime{3s});
    CHECK(fixture.store.stats().strays == 3);
    CHECK(fixture.store.stats().refused.at("ParseError") == 2);
    CHECK(fixture.store.stats().traces == 0);
  }

  TEST_CASE("where there is no more room the trace that changed longest ago goes") {
    Fixture fixture({.traces = 3});
    for (std::uint64_t trace = 1; trace <= 3; ++trace) fixture.add(document(trace, trace));
    fixture.add(document(1, 19));
    const std::uint64_t before = fixture.store.revision();
    fixture.add(document(4, 4));

    CHECK(fixture.order() == "413");
    CHECK(fixture.store.removed_since(before) == std::vector<TraceId>{trace_id(2)});
    CHECK(fixture.store.removed_since(fixture.store.revision()).empty());
    CHECK(fixture.store.stats().evicted_traces == 1);
    CHECK(fixture.store.stats().evicted_documents == 1);
    CHECK(fixture.store.stats().documents == 4);

    SUBCASE("and one that came again is not told as removed") {
      fixture.add(document(2, 2));
      CHECK(fixture.store.removed_since(before) == std::vector<TraceId>{trace_id(3)});
    }
  }

  TEST_CASE("memory is bounded, whatever comes") {
    constexpr std::size_t kLimit = 300'000;
    Fixture fixture({.traces = 1'000'000, .bytes = kLimit});
    const std::string filler(700, 'x');
    const auto end_with = [](const std::string& text) {
      return R"("end_time":2,"metadata":{"a":{"b":")" + text + "\"}}";
    };
    std::size_t most = 0;
    SUBCASE("of traces of one document") {
      for (std::uint64_t trace = 1; trace <= 2000; ++trace) {
        fixture.add(document(trace, trace, end_with(filler)));
        most = std::max(most, fixture.store.stats().bytes);
      }
      CHECK(fixture.store.stats().evicted_traces == 2000 - fixture.store.stats().traces);
      CHECK(fixture.store.find(trace_id(2000)) != nullptr);
    }
    SUBCASE("of one trace of many documents, the first of which go") {
      for (std::uint64_t id = 1; id <= 2000; ++id) {
        fixture.add(document(1, id, end_with(filler)));
        most = std::max(most, fixture.store.stats().bytes);
      }
      const StoredTrace& trace = *fixture.store.find(trace_id(1));
      CHECK(trace.documents().back().text() == document(1, 2000, end_with(filler)));
      CHECK(fixture.store.stats().evicted_traces == 0);
      CHECK(fixture.store.stats().evicted_documents == 2000 - trace.documents().size());
      // Those that are left are still found by their ids.
      fixture.add(document(1, 2000, kOpen));
      CHECK(fixture.store.stats().duplicates == 1);
      fixture.add(document(1, 1, kOpen));
      CHECK(trace.documents().back().is_in_progress);
    }
    SUBCASE("of one document that is larger") {
      fixture.add(document(1, 1, end_with(std::string(kLimit, 'x'))));
      most = fixture.store.stats().bytes;
      CHECK(fixture.store.stats().traces == 0);
      CHECK(fixture.store.stats().evicted_documents == 1);
    }
    SUBCASE("of documents of any size, those that have pages of their own too") {
      for (std::uint64_t trace = 1; trace <= 50; ++trace) {
        const std::string text = document(trace, trace, end_with(std::string(trace * 5000, 'x')));
        fixture.add(text);
        most = std::max(most, fixture.store.stats().bytes);
        const StoredTrace& trace_now = *fixture.store.find(trace_id(trace));
        CHECK(trace_now.documents()[0].text() == text);
        CHECK(trace_now.bytes() > text.size());
      }
      CHECK(fixture.store.stats().evicted_traces > 40);
    }
    SUBCASE("of strays") {
      for (int i = 0; i < 1000; ++i) fixture.add(std::string(9000, 'x'));
      fixture.add(document(1, 1));
      CHECK(fixture.store.stats().strays == 1000);
      CHECK(fixture.store.strays().size() < 10);
      CHECK(fixture.store.stats().traces == 1);
    }
    CHECK(most <= kLimit);
    CHECK(fixture.adds_up());
    // Whoever looks at everything takes no more than one digest over it.
    std::size_t looks = 0;
    fixture.store.visit_newest([&](const StoredTrace& trace) {
      looks += fixture.store.digest(trace).segments > 0 ? 1 : 0;
      return true;
    });
    CHECK(looks == fixture.store.stats().traces);
    CHECK(fixture.store.stats().bytes <= kLimit);
  }

  TEST_CASE("bytes are given back when what took them goes") {
    Fixture fixture;
    const std::size_t empty = fixture.store.stats().bytes;
    for (std::uint64_t id = 1; id <= 60; ++id) fixture.add(document(id % 7, id));
    for (std::uint64_t id = 1; id <= 60; ++id)
      fixture.add(document(id % 7, id, kOpen + ",\"x\":1"));
    for (std::uint64_t id = 1; id <= 200; ++id) fixture.add(document(9, id));
    fixture.add("no document");
    const std::size_t full = fixture.store.stats().bytes;
    std::size_t sum = 0;
    fixture.store.visit_newest([&sum](const StoredTrace& trace) {
      sum += trace.bytes();
      return true;
    });
    CHECK(sum < full);
    CHECK(sum > 260 * document(1, 1).size());

    const std::uint64_t before = fixture.store.revision();
    fixture.store.clear();
    CHECK(fixture.store.stats().bytes < empty + 8 * 64);
    CHECK(fixture.store.stats().traces == 0);
    CHECK(fixture.store.stats().documents == 0);
    CHECK(fixture.store.stats().received == 321);
    CHECK(fixture.store.stats().cleared_documents == 260);
    CHECK(fixture.adds_up());
    CHECK(fixture.store.strays().empty());
    CHECK(fixture.store.removed_since(before).size() == 8);
    CHECK(fixture.order().empty());
  }

  TEST_CASE("a visit ends where the visitor wants no more") {
    Fixture fixture;
    for (std::uint64_t trace = 1; trace <= 5; ++trace) fixture.add(document(trace, trace));
    int visited = 0;
    fixture.store.visit_newest([&visited](const StoredTrace&) { return ++visited < 3; });
    CHECK(visited == 3);
  }

  TEST_CASE("a digest is kept until the trace changes") {
    Fixture fixture;
    fixture.add(document(1, 11));
    const StoredTrace& trace = *fixture.store.find(trace_id(1));
    const std::size_t before = fixture.store.stats().bytes;
    const TraceDigest& digest = fixture.store.digest(trace);
    CHECK(digest.segments == 1);
    CHECK(&fixture.store.digest(trace) == &digest);
    CHECK(fixture.store.stats().bytes > before);

    fixture.add(document(1, 12));
    CHECK(fixture.store.digest(trace).segments == 2);
  }
}

}  // namespace trace_store_test
