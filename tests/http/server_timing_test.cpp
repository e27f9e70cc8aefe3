#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/server_says.h>

namespace server_timing_test {

using namespace xtrace;

namespace {

using Timings = std::vector<ServerTiming>;
using std::chrono::microseconds;
using std::chrono::milliseconds;

Timings timings(std::string_view value) {
  Headers headers;
  headers.add("server-timing", value);
  return server_timings(headers);
}

ServerTiming named(std::string name, std::optional<Duration> duration = {},
                   std::string description = "") {
  return {.name = std::move(name), .duration = duration, .description = std::move(description)};
}

std::optional<Duration> duration_of(const std::string& dur) {
  const Timings found = timings("a;dur=" + dur);
  REQUIRE(found.size() == 1);
  return found.front().duration;
}

std::string description_of(std::string_view parameters) {
  const Timings found = timings("a;" + std::string(parameters));
  REQUIRE(found.size() == 1);
  return found.front().description;
}

}  // namespace

TEST_SUITE("http/server_timing") {
  TEST_CASE("the examples of the specification are understood") {
    CHECK(timings("miss, db;dur=53, app;dur=47.2") ==
          Timings{named("miss"), named("db", milliseconds(53)), named("app", microseconds(47200))});
    CHECK(timings("customView, dc;desc=atl") ==
          Timings{named("customView"), named("dc", {}, "atl")});
    CHECK(timings("cache;desc=\"Cache Read\";dur=23.2") ==
          Timings{named("cache", microseconds(23200), "Cache Read")});
    CHECK(timings("total;dur=123.4").front().duration == microseconds(123400));
  }

  TEST_CASE("the metrics of several fields follow each other") {
    const Headers headers{
        {"Server-Timing", "a, b"}, {"X-Server-Timing", "no"}, {"SERVER-TIMING", "a;dur=1"}};
    CHECK(server_timings(headers) == Timings{named("a"), named("b"), named("a", milliseconds(1))});
    CHECK(server_timings({}).empty());
  }

  TEST_CASE("blanks around everything and empty elements mean nothing") {
    CHECK(timings(" ,, a \t; dur\t=\t2 ;; desc = x , ,b;") ==
          Timings{named("a", milliseconds(2), "x"), named("b")});
    CHECK(timings("").empty());
    CHECK(timings(" , ").empty());
  }

  TEST_CASE("quotes hide commas and semicolons, and a backslash hides a quote") {
    CHECK(timings(R"(a;desc="x, y;dur=1";dur=2, b)") ==
          Timings{named("a", milliseconds(2), "x, y;dur=1"), named("b")});
    CHECK(description_of(R"(desc="say \"hi\" \\ \x")") == R"(say "hi" \ x)");
    CHECK(description_of(R"(desc="")") == "");
    CHECK(description_of(R"(desc="a"b)") == "a");
    CHECK(duration_of("\"7\"") == milliseconds(7));
  }

  TEST_CASE("a quote that does not end takes the rest") {
    CHECK(timings(R"(a;desc="x, b;dur=1)") == Timings{named("a", {}, "x, b;dur=1")});
    CHECK(description_of(R"(desc="x\)") == R"(x\)");
    CHECK(description_of(R"(desc=")") == "");
  }

  TEST_CASE("the first of equal parameters counts, in any spelling, and unknown ones do not") {
    CHECK(timings("a;DUR=1;dur=2;Desc=x;desc=y;foo=3;bar;=4") ==
          Timings{named("a", milliseconds(1), "x")});
    CHECK(timings("a;dur=x;dur=2").front().duration == std::nullopt);
    CHECK(timings("a;dur;dur=2").front().duration == milliseconds(2));
  }

  TEST_CASE("a metric whose name is no token is passed over") {
    CHECK(timings("a b;dur=1, c, \"d\", e=1, \xc3\xa4, f") == Timings{named("c"), named("f")});
    CHECK(timings(";dur=1").empty());
  }

  TEST_CASE("durations are read as numbers are in HTML") {
    CHECK(duration_of("0") == Duration::zero());
    CHECK(duration_of(".5") == microseconds(500));
    CHECK(duration_of("+1.5") == microseconds(1500));
    CHECK(duration_of("1e3") == std::chrono::seconds(1));
    CHECK(duration_of("12.5ms") == microseconds(12500));
    CHECK(duration_of("0.000001") == std::chrono::nanoseconds(1));
    for (const std::string dur :
         {"", "-1", "x", "nan", "inf", "infinity", "0x", ".", "e5", "++1"}) {
      CAPTURE(dur);
      CHECK(duration_of(dur) == (dur == "0x" ? std::optional(Duration::zero()) : std::nullopt));
    }
  }

  TEST_CASE("a duration past what can be held is none") {
    CHECK(duration_of("9e12").has_value());
    for (const std::string dur :
         {"9223372036854.776", "1e13", "1e300", "1e400", "99999999999999999999"}) {
      CAPTURE(dur);
      CHECK(duration_of(dur) == std::nullopt);
    }
    CHECK(duration_of("1e-400").value_or(Duration::zero()) == Duration::zero());
  }
}

}  // namespace server_timing_test
