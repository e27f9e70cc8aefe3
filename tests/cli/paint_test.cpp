#include "cli/paint.h"

#include <doctest/doctest.h>

namespace xtrace::cli::paint_test {

namespace {

constexpr Style kPlain{.width = 20};
constexpr Style kColor{.color = true, .width = 20};

}  // namespace

TEST_SUITE("cli/paint") {
  TEST_CASE("without colour no escape sequence is written") {
    CHECK(paint("x", Role::fault, kPlain) == "x");
    CHECK(paint("x", Role::fault, kColor) == "\x1b[1;31mx\x1b[0m");
    CHECK(paint("", Role::fault, kColor).empty());
  }

  TEST_CASE("a status has the colour of X-Ray's rule") {
    CHECK(role_of_status(200) == Role::good);
    CHECK(role_of_status(404) == Role::error);
    CHECK(role_of_status(429) == Role::throttle);
    CHECK(role_of_status(503) == Role::fault);
  }

  TEST_CASE("a line counts columns without its colours and ends in no blank") {
    Line line(kColor);
    line.skip(2).add("ab", Role::fault).skip_to(6).add_right("\u2588", 3).skip(9);
    CHECK(line.finish() == "  \x1b[1;31mab\x1b[0m    \u2588\n");
  }

  TEST_CASE("a flow folds between pieces before it breaks one") {
    Flow flow(kPlain, 2);
    flow.piece("0123456789").piece("abc def").piece("ghi jkl mno");
    CHECK(flow.finish() == "0123456789  abc def\n  ghi jkl mno\n");
  }

  TEST_CASE("a flow breaks a piece longer than a line between words, and cuts longer words") {
    Flow flow(kPlain, 2);
    flow.piece("one two three four five").piece("sixteen-characters-and-more");
    CHECK(flow.finish() == "one two three four\n  five\n  sixteen-charact...\n");
  }

  TEST_CASE("an empty flow writes nothing") {
    Flow flow(kPlain, 2);
    flow.piece("");
    CHECK(flow.finish().empty());
  }
}

}  // namespace xtrace::cli::paint_test
