#include "loop/turn_end.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <uv.h>

#include "loop/timer.h"
#include "support/test_loop.h"

namespace xtrace::turn_end_test {

using namespace std::chrono_literals;
using testing::TestLoop;

TEST_SUITE_BEGIN("loop/turn_end");

TEST_CASE("a turn's end comes after its timers and before the loop waits") {
  TestLoop loop;
  std::string order;
  Timer first(loop);
  Timer second(loop);
  first.arm(0ms, [&order] { order += 't'; });
  const TurnEnd end(loop, [&order] {
    if (!order.ends_with('e')) order += 'e';
  });
  // If the end came after the wait only, the second timer would be due first.
  second.arm(5ms, [&order] { order += 's'; });
  loop.run_until([&order] { return order.find('s') != std::string::npos; });
  CHECK(order.find("te") != std::string::npos);
  CHECK(order.find("te") < order.find('s'));
}

TEST_CASE("a turn's end comes after what the loop waited for") {
  TestLoop loop;
  std::string order;
  const TurnEnd end(loop, [&order] { order += 'e'; });
  loop.loop().post([&order] { order += 'p'; });
  uv_run(loop.loop().handle(), UV_RUN_NOWAIT);
  CHECK(order == "epe");
}

TEST_CASE("a turn's end keeps no loop running") {
  TestLoop loop;
  const TurnEnd end(loop, [] {});
  CHECK(uv_run(loop.loop().handle(), UV_RUN_NOWAIT) == 0);
}

TEST_CASE("a turn's end may destroy itself, and is then silent") {
  TestLoop loop;
  Timer alive(loop);
  alive.arm(1h, [] {});
  int calls = 0;
  std::unique_ptr<TurnEnd> end;
  end = std::make_unique<TurnEnd>(loop, [&end, &calls] {
    ++calls;
    end.reset();
    ++calls;  // its captures are still there
  });
  loop.spin();
  CHECK(calls == 2);
  CHECK(end == nullptr);
}

TEST_SUITE_END();

}  // namespace xtrace::turn_end_test
