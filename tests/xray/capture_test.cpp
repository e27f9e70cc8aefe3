#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/capture.h>

#include "xray/tracer_setup.h"

namespace xtrace::capture_test {

namespace {

using nlohmann::json;
using namespace testing;

}  // namespace

TEST_SUITE("xray/capture") {
  TEST_CASE("work is a subsegment, current meanwhile, and gives its result back") {
    TracerSetup setup;
    Segment segment = setup.tracer->begin_segment("job");
    int count = 0;
    int& same = capture(segment, "step", [&](Subsegment& step) -> int& {
      step.annotate("key", 1);
      setup.tracer->begin_subsegment("inner").end();
      return ++count;
    });
    CHECK(&same == &count);
    CHECK_FALSE(current_context().has_trace());
    segment.end();
    const json step = setup.sent->parsed(0)["subsegments"][0];
    CHECK(step["name"] == "step");
    CHECK(step["annotations"]["key"] == 1);
    CHECK(step["subsegments"][0]["name"] == "inner");
    CHECK_FALSE(step.contains("fault"));
  }

  TEST_CASE("an exception is recorded and goes on") {
    TracerSetup setup;
    Segment segment = setup.tracer->begin_segment("job");
    CHECK_THROWS_AS(
        capture(segment, "step", [](Subsegment&) { throw std::out_of_range("no such item"); },
                {.space = Namespace::remote}),
        std::out_of_range);
    CHECK_THROWS_AS(capture(segment, "odd", [](Subsegment&) { throw 7; }), int);
    segment.end();
    const json steps = setup.sent->parsed(0)["subsegments"];
    CHECK(steps[0]["fault"] == true);
    CHECK(steps[0]["namespace"] == "remote");
    CHECK(steps[0]["cause"]["exceptions"][0]["type"] == "std::out_of_range");
    CHECK(steps[0]["cause"]["exceptions"][0]["message"] == "no such item");
    CHECK(steps[1]["cause"]["exceptions"][0]["type"] == "unknown");
    CHECK_FALSE(setup.sent->parsed(0).contains("fault"));
  }

  TEST_CASE("work is done where nothing is recorded") {
    CHECK(capture(SegmentContext{}, "step", [](Subsegment& step) { return !step; }));
  }
}

}  // namespace xtrace::capture_test
