#include <string>

#include <doctest/doctest.h>

#include "xray/tracer_setup.h"

namespace xtrace::leaving_test {

namespace {

using nlohmann::json;
using namespace testing;
using Setup = TracerSetup;

}  // namespace

TEST_SUITE("xray/leaving") {
  TEST_CASE("an announced segment is sent in progress, once, and again when it ends") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job");
    Subsegment step = segment.begin_subsegment("step");
    segment.announce();
    segment.announce();
    step.announce();
    segment.end();
    segment.announce();
    REQUIRE(setup.sent->documents.size() == 3);
    CHECK(setup.sent->parsed(0)["in_progress"] == true);
    CHECK_FALSE(setup.sent->parsed(0).contains("subsegments"));
    CHECK(setup.sent->parsed(1)["in_progress"] == true);
    CHECK(setup.sent->parsed(1)["type"] == "subsegment");
    CHECK(setup.sent->parsed(1)["parent_id"] == segment.id().to_string());
    CHECK(setup.sent->parsed(2)["id"] == setup.sent->parsed(0)["id"]);
    CHECK(setup.sent->parsed(2)["subsegments"][0]["id"] == step.id().to_string());
    CHECK_FALSE(setup.sent->parsed(2).contains("in_progress"));
  }

  TEST_CASE("a child begun after the segment left is sent by itself, with its own children") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job");
    segment.end();
    Subsegment late = segment.begin_subsegment("late");
    Subsegment below = late.begin_subsegment("below");
    below.end();
    CHECK(setup.sent->documents.size() == 1);
    late.end();
    REQUIRE(setup.sent->documents.size() == 2);
    const json document = setup.sent->parsed(1);
    CHECK(document["type"] == "subsegment");
    CHECK(document["parent_id"] == segment.id().to_string());
    CHECK(document["trace_id"] == segment.trace_id().to_string());
    CHECK(document["subsegments"].size() == 1);
    below.begin_subsegment("latest").end();
    CHECK(setup.sent->parsed(2)["parent_id"] == below.id().to_string());
  }

  TEST_CASE("a child that may outlive its parent is sent by itself when it ends") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job");
    Subsegment quick = segment.begin_subsegment("quick");
    Subsegment slow = segment.begin_subsegment("slow", {.may_outlive_parent = true});
    Subsegment inner = slow.begin_subsegment("inner");
    segment.end();
    CHECK(quick.is_ended());
    CHECK_FALSE(slow.is_ended());
    CHECK_FALSE(inner.is_ended());
    REQUIRE(setup.sent->documents.size() == 1);
    CHECK(setup.sent->parsed(0)["subsegments"].size() == 1);
    slow.end();
    REQUIRE(setup.sent->documents.size() == 2);
    CHECK(setup.sent->parsed(1)["name"] == "slow");
    CHECK(setup.sent->parsed(1)["subsegments"][0]["name"] == "inner");
  }

  TEST_CASE("a facade sends what is below it, each part by itself, and never itself") {
    Setup setup;
    {
      Segment facade = setup.tracer->begin_facade(
          header_of("Root=" + kRoot + ";Parent=" + kParent + ";Sampled=1"));
      Subsegment first = facade.begin_subsegment("first");
      first.begin_subsegment("inner").end();
      first.end();
      REQUIRE(setup.sent->documents.size() == 1);
      CHECK(setup.sent->parsed(0)["parent_id"] == kParent);
      CHECK(setup.sent->parsed(0)["trace_id"] == kRoot);
      CHECK(setup.sent->parsed(0)["type"] == "subsegment");
      CHECK(setup.sent->parsed(0)["subsegments"].size() == 1);
      Subsegment second = facade.begin_subsegment("second");
      facade.announce();
    }
    CHECK(setup.sent->documents.size() == 2);
    for (const std::string& text :
         {"Root=" + kRoot + ";Parent=" + kParent + ";Sampled=0", "Root=" + kRoot + ";Sampled=1",
          "Parent=" + kParent + ";Sampled=1", "Root=" + kRoot + ";Parent=" + kParent}) {
      CAPTURE(text);
      CHECK_FALSE(setup.tracer->begin_facade(header_of(text)));
    }
  }

  TEST_CASE("what is open when a facade ends is sent with it") {
    Setup setup;
    Segment facade = setup.tracer->begin_facade(
        header_of("Root=" + kRoot + ";Parent=" + kParent + ";Sampled=1"));
    Subsegment open = facade.begin_subsegment("open");
    Subsegment slow = facade.begin_subsegment("slow", {.may_outlive_parent = true});
    facade.set_flags({.fault = true});
    facade.end();
    REQUIRE(setup.sent->documents.size() == 1);
    CHECK(setup.sent->parsed(0)["name"] == "open");
    CHECK(setup.sent->parsed(0)["fault"] == true);
    open.end();
    slow.end();
    CHECK(setup.sent->documents.size() == 2);
  }

  TEST_CASE("what was mended before an announcement is counted once") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job?");
    segment.announce();
    CHECK(setup.sent->built.corrected == 1);
    segment.end();
    CHECK(setup.sent->built.corrected == 1);
  }

  TEST_CASE("what comes after a document has left is counted") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job");
    segment.end();
    segment.annotate("late", 1);
    CHECK(setup.tracer->stats().late_values == 1);
  }
}

}  // namespace xtrace::leaving_test
