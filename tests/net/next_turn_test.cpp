#include "net/next_turn.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "support/test_loop.h"

namespace xtrace::next_turn_test {

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

  TEST_CASE("tasks run in the order of their calls, and those they call on the turn after") {
    TestLoop loop;
    TestLoop other;
    std::string order;
    NextTurn third(loop);
    NextTurn first(loop);
    NextTurn elsewhere(other);
    NextTurn second(loop);
    NextTurn later(loop);
    first.call([&] {
      order += '1';
      later.call([&order] { order += '4'; });
    });
    elsewhere.call([&order] { order += 'x'; });
    second.call([&order] { order += '2'; });
    third.call([&order] { order += '3'; });
    loop.spin(1);
    CHECK(order == "123");
    loop.spin(1);
    CHECK(order == "1234");
    other.spin(1);
    CHECK(order == "1234x");
  }

  TEST_CASE("a task may cancel and destroy others of its turn, and ask for another") {
    TestLoop loop;
    int calls = 0;
    NextTurn first(loop);
    NextTurn cancelled(loop);
    auto destroyed = std::make_unique<NextTurn>(loop);
    first.call([&] {
      cancelled.cancel();
      destroyed.reset();
      cancelled.call([&calls] { calls += 10; });
      first.call([&calls] { ++calls; });
    });
    cancelled.call([&calls] { calls += 100; });
    destroyed->call([&calls] { calls += 100; });
    loop.spin(1);
    CHECK(calls == 0);
    loop.spin(1);
    CHECK(calls == 11);
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

}  // namespace xtrace::next_turn_test
