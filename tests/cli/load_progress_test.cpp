#include "cli/load_progress.h"

#include <doctest/doctest.h>

namespace load_progress_test {

using namespace xtrace;
using namespace xtrace::cli;
using namespace std::chrono_literals;

TEST_SUITE("cli/load_progress") {
  TEST_CASE("progress tells what is done, how fast, what failed, and what is left") {
    CHECK(describe_progress({.done = 1200, .most = 5000, .errors = 3, .passed = 600ms}, 80) ==
          "  1200/5000  24%  2000/s  3 errors  1.9s left");
    CHECK(describe_progress({.done = 10, .most = 100, .errors = 1, .passed = 1s}, 80) ==
          "  10/100  10%  10/s  1 error  9s left");
  }

  TEST_CASE("a duration is an end like a number, and the nearer one counts") {
    CHECK(describe_progress({.done = 100, .passed = 5s, .limit = 10s}, 80) ==
          "  100  50%  20/s  5s left");
    CHECK(describe_progress({.done = 10, .most = 100, .passed = 5s, .limit = 10s}, 80) ==
          "  10/100  50%  2/s  5s left");
    CHECK(describe_progress({.done = 90, .most = 100, .passed = 5s, .limit = 10s}, 80) ==
          "  90/100  90%  18/s  556ms left");
  }

  TEST_CASE("nothing is foretold from nothing") {
    CHECK(describe_progress({.most = 100, .passed = 300ms}, 80) == "  0/100  0%  0/s");
    CHECK(describe_progress({.done = 3, .most = 100, .is_warming_up = true}, 80) ==
          "  3/100  warming up");
  }

  TEST_CASE("the line never reaches the last column, where terminals wrap") {
    CHECK(describe_progress({.done = 1200, .most = 5000, .passed = 600ms}, 12) == "  1200/5000");
  }
}

}  // namespace load_progress_test
