#include <memory>

#include <doctest/doctest.h>

#include <xtrace/loop_flush.h>

#include "loop/timer.h"
#include "support/test_loop.h"

namespace xtrace::loop_flush_test {

using testing::TestLoop;

namespace {

struct FakeEmitter final : Emitter {
  void flush() override { ++flushes; }
  bool drain(Duration) override { return true; }
  EmitterStats stats() const override { return {.documents = documents}; }
  std::optional<Error> last_error() const override { return std::nullopt; }

  std::uint64_t documents = 0;
  int flushes = 0;

 private:
  void take(std::span<const std::string> some, const DocumentCounts&) override {
    documents += some.size();
  }
};

const std::vector<std::string> kTwo = {"{}", "{}"};

}  // namespace

TEST_SUITE_BEGIN("instrument/loop_flush");

TEST_CASE("everything that a turn emits is flushed once, at its end") {
  TestLoop loop;
  FakeEmitter emitter;
  const LoopFlush flush(loop, emitter);
  for (int i = 0; i < 3; ++i) {
    loop.loop().post([&emitter] {
      emitter.emit(kTwo);
      CHECK(emitter.flushes == 0);
    });
  }
  loop.spin(1);
  CHECK(emitter.documents == 6);
  CHECK(emitter.flushes == 1);
}

TEST_CASE("a turn that emits nothing flushes nothing") {
  TestLoop loop;
  FakeEmitter emitter;
  Timer alive(loop);
  alive.arm(std::chrono::hours(1), [] {});
  emitter.emit(kTwo);  // before anybody cared
  const LoopFlush flush(loop, emitter);
  loop.spin(3);
  CHECK(emitter.flushes == 0);
  emitter.emit(kTwo);
  loop.spin(3);
  CHECK(emitter.flushes == 1);
}

TEST_CASE("an emitter is left alone once its flush is destroyed") {
  TestLoop loop;
  FakeEmitter emitter;
  Timer alive(loop);
  alive.arm(std::chrono::hours(1), [] {});
  auto flush = std::make_unique<LoopFlush>(loop, emitter);
  flush.reset();
  emitter.emit(kTwo);
  loop.spin();
  CHECK(emitter.flushes == 0);
}

TEST_SUITE_END();

}  // namespace xtrace::loop_flush_test
