#include "loop/delay_log.h"

#include <doctest/doctest.h>

namespace xtrace::delay_log_test {

using namespace std::chrono_literals;

namespace {

constexpr Tick at(Duration offset) {
  return Tick(1h + offset);
}

}  // namespace

TEST_SUITE_BEGIN("loop/delay_log");

TEST_CASE("the longest wait counts") {
  DelayLog log;
  log.note(at(0ms), at(3ms));
  log.note(at(10ms), at(17ms));
  log.note(at(20ms), at(21ms));
  CHECK(log.longest_since(at(0ms)) == 7ms);
  CHECK(log.longest_since(at(17ms)) == 1ms);
  CHECK(log.longest_since(at(21ms)) == Duration::zero());
}

TEST_CASE("a wait counts only as far as it lies after the asked moment") {
  DelayLog log;
  log.note(at(0ms), at(25ms));
  CHECK(log.longest_since(at(20ms)) == 5ms);
}

TEST_CASE("a wait is forgotten after 256 later ones, and short ones push out nothing") {
  DelayLog log;
  log.note(at(0ms), at(100ms));
  for (int i = 0; i < 1000; ++i) log.note(at(200ms), at(200ms + 49us));
  CHECK(log.longest_since(at(0ms)) == 100ms);
  for (int i = 0; i < 255; ++i) log.note(at(200ms), at(201ms));
  CHECK(log.longest_since(at(0ms)) == 100ms);
  log.note(at(200ms), at(201ms));
  CHECK(log.longest_since(at(0ms)) == 1ms);
}

TEST_SUITE_END();

}  // namespace xtrace::delay_log_test
