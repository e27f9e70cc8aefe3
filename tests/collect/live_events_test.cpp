#include "collect/live_events.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "documents.h"
#include "support/test_loop.h"

namespace live_events_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::collect::testing::segment;

namespace {

constexpr std::string_view kDone = R"("end_time":2)";

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

/// A client that takes one text at a time, when the test says so.
struct Reader {
  std::unique_ptr<BodySource> source;
  std::vector<std::string> texts{};
  const std::byte* last = nullptr;
  bool is_ended = false;

  void read() {
    source->read([this](const Expected<std::span<const std::byte>>& read) {
      REQUIRE(read.has_value());
      last = read->data();
      if (read->empty()) is_ended = true;
      if (!is_ended) texts.emplace_back(reinterpret_cast<const char*>(read->data()), read->size());
    });
  }
  bool has(std::string_view part) const {
    return !texts.empty() && texts.back().find(part) != std::string::npos;
  }
};

struct Hub {
  explicit Hub(LiveEventsConfig config = {}, const StoreLimits& limits = {})
      : store(limits), events(loop, config, store, [this] {
          for (const Tick until = tick_now() + cost; tick_now() < until;) continue;
          CollectorStats stats;
          stats.store = store.stats();
          return stats;
        }) {}

  void add(int trace, int id = 1) { add(segment(trace, id, std::string(kDone))); }
  void add(const std::string& document) {
    store.add(document, Door::udp, WallTime{});
    events.note_change();
  }
  /// A client that was greeted.
  Reader open(std::string_view last_id = {}, std::optional<std::uint64_t> revision = {}) {
    Reader reader{.source = events.open(last_id, revision)};
    reader.read();
    REQUIRE(reader.texts.size() == 1);
    return reader;
  }
  void until_told(Reader& reader, std::size_t texts) {
    loop.run_until([&] { return reader.texts.size() >= texts; });
  }

  xtrace::testing::TestLoop loop;
  TraceStore store;
  Duration cost{};  ///< Of telling what changed.
  LiveEvents events;
};

constexpr LiveEventsConfig kQuick{.period = std::chrono::milliseconds(2),
                                  .gather = std::chrono::milliseconds(1)};

}  // namespace

TEST_SUITE("collect/live_events") {
  TEST_CASE("a page is greeted, and then told once of all that changed together") {
    Hub hub;
    hub.add(7);
    Reader reader = hub.open();
    CHECK(reader.has("event: hello\ndata: {\"revision\":1,\"version\":\""));
    CHECK(reader.has("\"reset\":false}\n\n"));
    reader.read();
    hub.add(0);
    hub.add(1);
    hub.add(0, 2);
    hub.until_told(reader, 2);
    CHECK(reader.has("event: change\ndata: {\"revision\":4,\"traces\":[{\"id\":\"1-58406520-"));
    CHECK(count_of(reader.texts[1], "\"name\":\"shop\"") == 2);
    CHECK(count_of(reader.texts[1], "\n\n") == 1);
    CHECK(reader.has("\"missed\":0,\"removed\":[],\"stats\":{\"received\":4,"));
  }

  TEST_CASE("events keep their distance, and a quiet hub waits for nothing") {
    Hub hub({.period = std::chrono::milliseconds(30), .gather = std::chrono::milliseconds(1)});
    Reader reader = hub.open();
    reader.read();
    hub.add(0);
    hub.until_told(reader, 2);
    const Tick told = tick_now();
    reader.read();
    hub.add(1);
    hub.until_told(reader, 3);
    CHECK(tick_now() - told >= std::chrono::milliseconds(28));
    reader.read();
    hub.loop.spin();
    CHECK(reader.texts.size() == 3);
  }

  TEST_CASE("telling what takes long leaves most of the time to others") {
    Hub hub(kQuick);
    hub.cost = std::chrono::milliseconds(10);
    Reader reader = hub.open();
    Tick told = Tick::min();
    for (std::size_t event = 2; event < 5; ++event) {
      reader.read();
      hub.add(0, static_cast<int>(event));
      hub.until_told(reader, event);
      if (event > 2) CHECK(tick_now() - told >= std::chrono::milliseconds(39));
      told = tick_now();
    }
  }

  TEST_CASE("a slow client gets what is, once, and never a queue of what was") {
    LiveEventsConfig config = kQuick;
    config.rows = 2;
    Hub hub(config);
    Reader slow = hub.open();
    Reader quick = hub.open();
    for (int trace = 0; trace < 5; ++trace) {
      quick.read();
      hub.add(trace);
      hub.until_told(quick, static_cast<std::size_t>(trace) + 2);
    }
    CHECK(quick.has("\"missed\":0"));
    slow.read();
    hub.until_told(slow, 2);
    CHECK(slow.has("\"revision\":5,"));
    CHECK(slow.has("\"revision\":4}],\"missed\":3"));
  }

  TEST_CASE("clients that know the same share one text") {
    Hub hub(kQuick);
    Reader first = hub.open();
    Reader second = hub.open();
    first.read();
    second.read();
    hub.add(0);
    hub.until_told(second, 2);
    CHECK(first.last == second.last);
    CHECK(first.texts[1] == second.texts[1]);
  }

  TEST_CASE("a page that was cut goes on where it was, if that was here") {
    Hub hub(kQuick);
    hub.add(0);
    const std::string greeting = hub.open().texts[0];
    const std::size_t begin = greeting.find("id: ") + 4;
    const std::string id = greeting.substr(begin, greeting.find('\n', begin) - begin);
    hub.add(1);

    Reader again = hub.open(id);
    CHECK(again.has("\"reset\":false"));
    again.read();
    hub.until_told(again, 2);
    CHECK(count_of(again.texts[1], "\"name\":\"shop\"") == 1);

    CHECK(hub.open("123-1").has("\"reset\":true"));
    CHECK(hub.open(id + "x").has("\"reset\":true"));
    CHECK(hub.open({}, 3).has("\"reset\":true"));
    CHECK(hub.open({}, 2).has("\"reset\":false"));
    Reader late = hub.open({}, 0);
    late.read();
    hub.until_told(late, 2);
    CHECK(count_of(late.texts[1], "\"name\":\"shop\"") == 2);
  }

  TEST_CASE("traces that made room, and documents of no trace, are told") {
    Hub hub(kQuick, {.traces = 1});
    hub.add(0);
    Reader reader = hub.open();
    reader.read();
    hub.add(1);
    hub.until_told(reader, 2);
    CHECK(reader.has("\"removed\":[\"1-58406520-000000000000000000000000\"]"));
    reader.read();
    hub.add("no JSON");
    hub.until_told(reader, 3);
    CHECK(reader.has("\"traces\":[],"));
    CHECK(reader.has("\"strays\":1,"));
    reader.read();
    for (int trace = 2; trace < 5000; ++trace) hub.add(trace);
    hub.store.clear();
    hub.events.note_change();
    hub.until_told(reader, 4);
    CHECK(reader.has("\"traces\":[],\"missed\":1,"));
  }

  TEST_CASE("a client that waits is kept alive by comments") {
    LiveEventsConfig config = kQuick;
    config.keep_alive = std::chrono::milliseconds(1);
    Hub hub(config);
    Reader reader = hub.open();
    reader.read();
    // The hub's timers keep nobody's loop alive.
    Timer busy(hub.loop);
    busy.arm_every(std::chrono::milliseconds(1), [] {});
    hub.until_told(reader, 2);
    CHECK(reader.texts[1] == ":\n\n");
  }

  TEST_CASE("a client may go while others are told") {
    Hub hub(kQuick);
    Reader doomed = hub.open();
    Reader killer{.source = hub.events.open({}, {})};
    Reader last = hub.open();
    killer.read();
    bool was_told = false;
    killer.source->read([&](const Expected<std::span<const std::byte>>&) {
      was_told = true;
      doomed.source.reset();
      last.source.reset();
    });
    doomed.read();
    last.read();
    CHECK(hub.events.streams() == 3);
    hub.add(0);
    hub.loop.run_until([&] { return was_told; });
    hub.loop.spin();
    CHECK(hub.events.streams() == 1);
    CHECK(last.texts.size() == 1);
  }

  TEST_CASE("closing ends every stream, and those that come later") {
    Hub hub(kQuick);
    Reader waiting = hub.open();
    waiting.read();
    Reader busy = hub.open();
    hub.events.close();
    CHECK(waiting.is_ended);
    CHECK_FALSE(busy.is_ended);
    busy.read();
    CHECK(busy.is_ended);
    Reader late = hub.open();
    late.read();
    CHECK(late.is_ended);
    CHECK(hub.events.streams() == 0);
  }
}

}  // namespace live_events_test
