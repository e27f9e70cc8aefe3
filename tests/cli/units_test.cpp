#include "cli/units.h"

#include <chrono>

#include <doctest/doctest.h>

namespace xtrace::cli::units_test {

using namespace std::chrono_literals;
using Unit = Style::Unit;

TEST_SUITE("cli/units") {
  TEST_CASE("a scale prints at least three digits of the total") {
    CHECK(make_scale(340us, Unit::automatic).text(340us) == "340us");
    CHECK(make_scale(1ms, Unit::automatic).text(1ms) == "1.00ms");
    CHECK(make_scale(999'930ns, Unit::automatic).text(999'930ns) == "1.00ms");
    CHECK(make_scale(4100us, Unit::automatic).text(4100us) == "4.10ms");
    CHECK(make_scale(220ms, Unit::automatic).text(220ms) == "220.0ms");
    CHECK(make_scale(9999ms, Unit::automatic).text(9999ms) == "9999.0ms");
    CHECK(make_scale(10s, Unit::automatic).text(10s) == "10.000s");
  }

  TEST_CASE("a unit that is asked for keeps the precision of the total") {
    CHECK(make_scale(340us, Unit::milliseconds).text(340us) == "0.340ms");
    CHECK(make_scale(340us, Unit::seconds).text(340us) == "0.000340s");
    CHECK(make_scale(220ms, Unit::microseconds).text(220ms) == "220000us");
    CHECK(make_scale(220ms, Unit::seconds).text(220ms) == "0.2200s");
    CHECK(make_scale(183s, Unit::milliseconds).text(183s) == "183000.0ms");
  }

  TEST_CASE("a scale rounds to the nearest step") {
    const Scale scale = make_scale(220ms, Unit::automatic);
    CHECK(scale.text(11'849us) == "11.8ms");
    CHECK(scale.text(11'850us) == "11.9ms");
    CHECK(scale.text(0us) == "0.0ms");
    CHECK(scale.number(scale.round(-3ms)) == "-3.0");
  }

  TEST_CASE("brief durations have no idle zeros") {
    CHECK(format_brief(250ms) == "250ms");
    CHECK(format_brief(2s) == "2s");
    CHECK(format_brief(1500ms) == "1.5s");
    CHECK(format_brief(20us) == "20us");
    CHECK(format_brief(60s) == "1m");
    CHECK(format_brief(90s) == "1m30s");
    CHECK(format_brief(119'900ms) == "2m");
    CHECK(format_brief(50ms, Unit::seconds) == "0.05s");
    CHECK(format_brief(50ms, Unit::microseconds) == "50000us");
    CHECK(format_brief(2min, Unit::milliseconds) == "120000ms");
  }

  TEST_CASE("a measured time in a sentence has the digits a reader wants") {
    CHECK(format_measured(253'776us) == "254ms");
    CHECK(format_measured(2'345us) == "2.3ms");
    CHECK(format_measured(1'549ms) == "1.5s");
    CHECK(format_measured(999'900us) == "1s");
    CHECK(format_measured(42us) == "42us");
  }

  TEST_CASE("sizes are decimal and never round up to a thousand of a unit") {
    CHECK(format_size(0) == "0 bytes");
    CHECK(format_size(1) == "1 byte");
    CHECK(format_size(999) == "999 bytes");
    CHECK(format_size(1000) == "1.0 kB");
    CHECK(format_size(1856) == "1.9 kB");
    CHECK(format_size(999'949) == "999.9 kB");
    CHECK(format_size(999'950) == "1.0 MB");
    CHECK(format_size(18'446'744'073'709'551'615U) == "18.4 EB");
  }

  TEST_CASE("moments are ISO 8601 in UTC") {
    CHECK(format_utc(WallTime(1763685600s)) == "2025-11-21T00:40:00Z");
    CHECK(format_utc(WallTime(1709210096s + 999ms)) == "2024-02-29T12:34:56Z");
  }
}

}  // namespace xtrace::cli::units_test
