#include <chrono>

#include <doctest/doctest.h>

#include <xtrace/clock.h>

namespace xtrace::clock_test {

using namespace std::chrono_literals;

TEST_SUITE_BEGIN("base/clock");

TEST_CASE("the machine's clock reads both clocks at one moment") {
  const WallTime wall_before = std::chrono::system_clock::now();
  const Tick tick_before = std::chrono::steady_clock::now();
  const TimePoint moment = system_clock()();
  CHECK(moment.tick >= tick_before);
  CHECK(moment.tick <= std::chrono::steady_clock::now());
  CHECK(moment.wall >= wall_before - 1s);  // the wall clock may be set back meanwhile
  CHECK(moment.wall <= std::chrono::system_clock::now() + 1s);
}

TEST_CASE("the ticks of two readings never go back") {
  const TimePoint first = now();
  const TimePoint second = now();
  CHECK(second.tick >= first.tick);
}

TEST_CASE("epoch seconds keep the microseconds of today") {
  const WallTime moment = WallTime{} + 1'763'685'600s + 123'456us;
  CHECK(epoch_seconds(moment) == doctest::Approx(1'763'685'600.123456).epsilon(3e-16));
  CHECK(epoch_seconds(moment + 1us) - epoch_seconds(moment) == doctest::Approx(1e-6).epsilon(0.3));
  CHECK(epoch_seconds(WallTime{}) == 0.0);
}

TEST_CASE("a test moves time by assigning a variable") {
  TimePoint present{WallTime{} + 5s, Tick{} + 1s};
  const Clock clock = [&present] { return present; };
  const TimePoint begin = clock();
  present.tick += 3ms;
  CHECK(clock().tick - begin.tick == 3ms);
  CHECK(clock().wall == begin.wall);
}

TEST_SUITE_END();

}  // namespace xtrace::clock_test
