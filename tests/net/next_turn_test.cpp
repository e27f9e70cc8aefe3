#include "net/next_turn.h"

#include <memory>

#include <doctest/doctest.h>

#include "support/test_loop.h"

namespace xtrace {

namespace {

using testing::TestLoop;

TEST_SUITE("net/next_turn") {
  TEST_CASE("a task runs once, on the next turn and not before") {
    TestLoop loop;
    NextTurn next_turn(loop);
    int calls = 0;
    next_turn.call([&calls] { ++calls; });
    CHECK(calls == 0);
    CHECK(next_turn.is_pending());
    loop.spin(1);
    CHECK(calls == 1);
    CHECK_FALSE(next_turn.is_pending());
    loop.spin();
    CHECK(calls == 1);
  }

  TEST_CASE("a task that asks again runs on the turn after") {
    TestLoop loop;
    NextTurn next_turn(loop);
    int calls = 0;
    next_turn.call([&] {
      ++calls;
      next_turn.call([&calls] { ++calls; });
    });
    loop.spin(1);
    CHECK(calls == 1);
    loop.spin(1);
    CHECK(calls == 2);
  }

  TEST_CASE("a second task replaces the first") {
    TestLoop loop;
    NextTurn next_turn(loop);
    int first = 0;
    int second = 0;
    next_turn.call([&first] { ++first; });
    next_turn.call([&second] { ++second; });
    loop.spin();
    CHECK(first == 0);
    CHECK(second == 1);
  }

  TEST_CASE("a task cancelled, or destroyed with its owner, never runs") {
    TestLoop loop;
    auto next_turn = std::make_unique<NextTurn>(loop);
    bool was_called = false;
    next_turn->call([&was_called] { was_called = true; });
    SUBCASE("cancelled") {
      next_turn->cancel();
    }
    SUBCASE("destroyed") {
      next_turn.reset();
    }
    loop.spin();
    CHECK_FALSE(was_called);
    loop.loop().run();  // returns: nothing is left that keeps the loop busy
  }

  TEST_CASE("a task may destroy its owner") {
    TestLoop loop;
    auto next_turn = std::make_unique<NextTurn>(loop);
    next_turn->call([&next_turn] { next_turn.reset(); });
    loop.spin();
    CHECK(next_turn == nullptr);
  }
}

}  // namespace

}  // namespace xtrace
