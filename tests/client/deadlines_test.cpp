#include "client/deadlines.h"

#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "support/test_loop.h"

namespace xtrace::deadlines_test {

using std::chrono::milliseconds;

TEST_SUITE("client/deadlines") {
  TEST_CASE("limits strike in the order they are due, whatever the order of setting") {
    testing::TestLoop loop;
    std::vector<Limit> struck;
    Deadlines deadlines(loop, [&struck](Limit limit) { struck.push_back(limit); });
    deadlines.set(Limit::total, milliseconds(12));
    deadlines.set(Limit::dns, milliseconds(3));
    loop.run_until([&struck] { return struck.size() == 2; });
    CHECK(struck == std::vector{Limit::dns, Limit::total});
  }

  TEST_CASE("a limit never strikes early") {
    testing::TestLoop loop;
    const Tick began = std::chrono::steady_clock::now();
    Tick struck_at{};
    Deadlines deadlines(loop,
                        [&struck_at](Limit) { struck_at = std::chrono::steady_clock::now(); });
    deadlines.set(Limit::tls, milliseconds(7));
    loop.run_until([&struck_at] { return struck_at != Tick{}; });
    CHECK(struck_at - began >= milliseconds(7));
  }

  TEST_CASE("a cleared limit is silent and one set again is moved") {
    testing::TestLoop loop;
    std::vector<Limit> struck;
    Deadlines deadlines(loop, [&struck](Limit limit) { struck.push_back(limit); });
    deadlines.set(Limit::dns, milliseconds(1));
    deadlines.set(Limit::idle, milliseconds(1));
    deadlines.clear(Limit::dns);
    deadlines.set(Limit::idle, milliseconds(20));
    deadlines.set(Limit::response, milliseconds(5));
    loop.run_until([&struck] { return struck.size() == 2; });
    CHECK(struck == std::vector{Limit::response, Limit::idle});
  }

  TEST_CASE("zero means no limit") {
    testing::TestLoop loop;
    Deadlines deadlines(loop, [](Limit) { FAIL("struck"); });
    deadlines.set(Limit::total, Duration::zero());
    CHECK(loop.open_handles() == 0);  // the timer, not armed
    loop.loop().run();                // returns at once: nothing is waited for
  }

  TEST_CASE("a limit too far away for the clock is none") {
    testing::TestLoop loop;
    std::vector<Limit> struck;
    Deadlines deadlines(loop, [&struck](Limit limit) { struck.push_back(limit); });
    deadlines.set(Limit::total, Duration::max());
    deadlines.set(Limit::dns, milliseconds(3));
    loop.run_until([&struck] { return !struck.empty(); });
    CHECK(struck == std::vector{Limit::dns});
  }

  TEST_CASE("the callback may destroy the deadlines") {
    testing::TestLoop loop;
    std::unique_ptr<Deadlines> deadlines;
    deadlines = std::make_unique<Deadlines>(loop, [&deadlines](Limit) { deadlines.reset(); });
    deadlines->set(Limit::total, milliseconds(1));
    deadlines->set(Limit::idle, milliseconds(1));
    loop.run_until([&deadlines] { return deadlines == nullptr; });
  }
}

}  // namespace xtrace::deadlines_test
