#include "cli/line_outlet.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "support/test_loop.h"

namespace line_outlet_test {

using namespace xtrace;
using namespace xtrace::testing;
using xtrace::cli::LineOutlet;

namespace {

/// A pipe whose reader is the test.
struct Pipe {
  Pipe() {
    std::signal(SIGPIPE, SIG_IGN);
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    leave();
    close(ends[1]);
  }
  void leave() {
    if (ends[0] >= 0) close(ends[0]);
    ends[0] = -1;
  }
  std::string read_some(std::size_t size) const {
    std::string text(size, '\0');
    const ssize_t got = read(ends[0], text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }

  std::array<int, 2> ends{-1, -1};
};

}  // namespace

TEST_SUITE("cli/line_outlet") {
  TEST_CASE("a line is written at once where there is room") {
    const Pipe pipe;
    TestLoop loop;
    LineOutlet outlet(loop.loop(), pipe.ends[1], [] {});
    outlet.put("one\n");
    outlet.put("two\n");
    CHECK(pipe.read_some(100) == "one\ntwo\n");
    CHECK(outlet.state() == LineOutlet::State::open);
  }

  TEST_CASE("a pipe that nobody empties holds nothing up, and gets all of it in order later") {
    const Pipe pipe;
    TestLoop loop;
    LineOutlet outlet(loop.loop(), pipe.ends[1], [] {});
    std::string expected;
    for (int i = 0; i < 30000; ++i) {
      const std::string line = "line " + std::to_string(i) + "\n";
      expected += line;
      outlet.put(line);
    }
    std::string seen;
    loop.run_until([&] {
      seen += pipe.read_some(65536);
      return seen.size() >= expected.size();
    });
    CHECK(seen == expected);
    CHECK(outlet.lost() == 0);
  }

  TEST_CASE("what cannot be held is left out and counted") {
    const Pipe pipe;
    TestLoop loop;
    LineOutlet outlet(loop.loop(), pipe.ends[1], [] {});
    const std::string large(LineOutlet::kMostHeld, 'x');
    outlet.put(large);
    outlet.put("y\n");
    outlet.put(large);
    CHECK(outlet.lost() == 1);
    outlet.finish(std::chrono::milliseconds(1));
    CHECK(outlet.state() == LineOutlet::State::open);
  }

  TEST_CASE("a reader that goes away ends it once, also while nothing is written") {
    TestLoop loop;
    int ends = 0;
    Pipe pipe;
    LineOutlet outlet(loop.loop(), pipe.ends[1], [&ends] { ++ends; });
    pipe.leave();
    SUBCASE("by a write") {
      outlet.put("x\n");
      outlet.put("y\n");
    }
    SUBCASE("by looking") {
      loop.run_until([&ends] { return ends > 0; });
    }
    CHECK(ends == 1);
    CHECK(outlet.state() == LineOutlet::State::closed);
  }

  TEST_CASE("a device that is full is told with its reason") {
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE(full >= 0);
    TestLoop loop;
    int ends = 0;
    LineOutlet outlet(loop.loop(), full, [&ends] { ++ends; });
    outlet.put("x\n");
    CHECK(outlet.state() == LineOutlet::State::failed);
    CHECK(outlet.reason() == ENOSPC);
    CHECK(ends == 1);
    close(full);
  }
}

}  // namespace line_outlet_test
