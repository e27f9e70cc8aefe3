#include "collect/finish_watch.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <uv.h>

#include "collect/trace_digest.h"
#include "documents.h"
#include "support/test_loop.h"

namespace finish_watch_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::collect::testing::segment;
using xtrace::collect::testing::trace_id;

namespace {

/// A watch, and what it told: `0 complete`, `0 given up again`.
struct Watched {
  xtrace::testing::TestLoop loop;
  TraceStore store{StoreLimits{}};
  std::vector<std::string> told;
  FinishWatch watch;

  explicit Watched(Duration settle, Duration patience)
      : watch(loop, {.settle = settle, .patience = patience}, store,
              [this](const StoredTrace& trace, const TraceDigest& digest, bool is_complete,
                     bool is_again) {
                CHECK(digest.id == trace.id());
                std::string line(1, trace.id().text().back());
                line += is_complete ? " complete" : " given up";
                told.push_back(line + (is_again ? " again" : ""));
              }) {}

  void add(int trace, int id, const std::string& more) {
    store.add(segment(trace, id, more), Door::udp, WallTime{});
    watch.note_change();
  }
  void until(std::size_t count) {
    loop.run_until([this, count] { return told.size() >= count; });
  }
};

constexpr std::string_view kDone = R"("end_time":2)";
constexpr std::string_view kOpen = R"("in_progress":true)";

}  // namespace

TEST_SUITE("collect/finish_watch") {
  TEST_CASE("complete traces are told once, in the order they came") {
    Watched watched(std::chrono::milliseconds(1), std::chrono::hours(1));
    for (int trace = 0; trace < 3; ++trace) watched.add(trace, trace + 1, std::string(kDone));
    watched.until(3);
    watched.loop.spin();
    CHECK(watched.told == std::vector<std::string>{"0 complete", "1 complete", "2 complete"});
    CHECK(watched.watch.finished() == 3);
  }

  TEST_CASE("a trace that grew after it was told is told again, and counted once") {
    Watched watched(std::chrono::milliseconds(1), std::chrono::hours(1));
    watched.add(0, 1, std::string(kDone));
    watched.until(1);
    watched.add(0, 2, std::string(kDone) + R"(,"parent_id":"0000000000000001")");
    watched.until(2);
    CHECK(watched.told == std::vector<std::string>{"0 complete", "0 complete again"});
    CHECK(watched.watch.finished() == 1);
  }

  TEST_CASE("what is in progress is waited for, and given up after the patience") {
    Watched patient(std::chrono::milliseconds(1), std::chrono::hours(1));
    patient.add(0, 1, std::string(kOpen));
    patient.add(1, 2, std::string(kDone));
    patient.until(1);
    CHECK(patient.told == std::vector<std::string>{"1 complete"});
    patient.add(0, 1, std::string(kDone));
    patient.until(2);
    CHECK(patient.told.back() == "0 complete");

    Watched hasty(std::chrono::milliseconds(1), std::chrono::milliseconds(2));
    hasty.add(0, 1, std::string(kOpen));
    hasty.until(1);
    hasty.add(0, 1, std::string(kDone));
    hasty.until(2);
    CHECK(hasty.told == std::vector<std::string>{"0 given up", "0 complete again"});
  }

  TEST_CASE("at the end everything that waits is told as it is, and nothing twice") {
    Watched watched(std::chrono::hours(1), std::chrono::hours(1));
    watched.add(0, 1, std::string(kDone));
    watched.add(1, 2, std::string(kOpen));
    watched.add(0, 1, std::string(kDone));
    watched.watch.finish_all();
    CHECK(watched.told == std::vector<std::string>{"1 given up", "0 complete"});
    watched.watch.finish_all();
    CHECK(watched.told.size() == 2);
    CHECK(uv_loop_alive(watched.loop.loop().handle()) == 0);
  }

  TEST_CASE("a trace that made room before its time is not told") {
    Watched watched(std::chrono::milliseconds(1), std::chrono::hours(1));
    watched.add(0, 1, std::string(kDone));
    watched.store.clear();
    watched.add(1, 2, std::string(kDone));
    watched.until(1);
    CHECK(watched.told == std::vector<std::string>{"1 complete"});
  }
}

}  // namespace finish_watch_test
