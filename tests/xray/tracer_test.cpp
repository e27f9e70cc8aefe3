#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/tracer.h>

#include "xray/tracer_setup.h"

namespace xtrace::tracer_test {

namespace {

using nlohmann::json;
using namespace testing;
using Setup = TracerSetup;
}  // namespace

TEST_SUITE("xray/tracer") {
  TEST_CASE("a segment is sent once, when it ends, with its subsegments") {
    Setup setup{{.name = "orders"}};
    {
      Segment segment = setup.tracer->begin_segment();
      Subsegment query = segment.begin_subsegment("db");
      query.end();
      CHECK(setup.sent->documents.empty());
      segment.end();
      REQUIRE(setup.sent->documents.size() == 1);
    }
    CHECK(setup.sent->documents.size() == 1);
    const json document = setup.sent->parsed(0);
    CHECK(document["name"] == "orders");
    CHECK(document["subsegments"][0]["name"] == "db");
    CHECK_FALSE(document.contains("in_progress"));
    CHECK(document["aws"]["xray"]["sampling_rule_name"] == "checkout");
    CHECK(setup.tracer->stats() == TracerStats{.segments = 1, .sampled = 1});
  }

  TEST_CASE("the caller's decision wins, and the sampler is asked where there is none") {
    struct Sample {
      std::string sampled;
      bool is_asked;
      bool is_recorded;
    };
    for (const bool answer : {false, true}) {
      for (const Sample& sample : {Sample{"Sampled=1", false, true},
                                   {"Sampled=0", false, false},
                                   {"Sampled=?", true, answer},
                                   {"Sampled=7", true, answer},
                                   {"", true, answer}}) {
        CAPTURE(sample.sampled);
        const auto sampler = std::make_shared<CountingSampler>(answer);
        Setup setup{{.name = "orders", .sampler = sampler, .environment = {.origin = "here"}}};
        Segment segment =
            setup.tracer->begin_segment({}, header_of("Root=" + kRoot + ";" + sample.sampled));
        CHECK(sampler->asked == (sample.is_asked ? 1 : 0));
        CHECK(sampler->name == (sample.is_asked ? "orders" : ""));
        CHECK(sampler->type == (sample.is_asked ? "here" : ""));
        CHECK(static_cast<bool>(segment) == sample.is_recorded);
        segment.end();
        CHECK(setup.sent->documents.size() == (sample.is_recorded ? 1 : 0));
      }
    }
  }

  TEST_CASE("what goes on to the callee names this subsegment and keeps the caller's fields") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment(
        "orders", header_of("Self=1-2-3;Root=" + kRoot + ";Parent=" + kParent +
                            ";Sampled=1;Lineage=1:a87bd80c:0;k=v"));
    Subsegment call = segment.begin_subsegment("api");
    const std::string expected = "Root=" + kRoot + ";Parent=" + call.id().to_string() +
                                 ";Sampled=1;Lineage=1:a87bd80c:0;k=v";
    CHECK(call.trace_header().to_string() == expected);
    std::string text;
    call.append_trace_header(text);
    CHECK(text == expected);
    segment.end();
    CHECK(setup.sent->parsed(0)["parent_id"] == kParent);
    CHECK(setup.sent->parsed(0)["trace_id"] == kRoot);
  }

  TEST_CASE("an unsampled trace goes on with its root and without a parent") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment(
        "orders", header_of("Root=" + kRoot + ";Parent=" + kParent + ";Sampled=0;Lineage=x"));
    Subsegment call = segment.begin_subsegment("api");
    CHECK_FALSE(call);
    CHECK(call.has_trace());
    call.annotate("key", "value");
    CHECK(call.begin_subsegment("deeper").trace_header().to_string() ==
          "Root=" + kRoot + ";Sampled=0;Lineage=x");
    CHECK(call.decision().reason == SamplingReason::caller);
    Segment fresh = setup.tracer->begin_segment("orders", header_of("Sampled=0"));
    CHECK(fresh.trace_header().to_string() == "Root=1-00000000-000000000000000000000000;Sampled=0");
  }

  TEST_CASE("AWS_XRAY_NOOP_ID=false gives unsampled traces real ids") {
    Setup setup{{}, {{"AWS_XRAY_NOOP_ID", "FALSE"}}};
    Segment segment = setup.tracer->begin_segment("orders", header_of("Sampled=0"));
    CHECK_FALSE(segment);
    CHECK_FALSE(segment.trace_id().is_noop());
    CHECK_FALSE(segment.id().is_noop());
    CHECK(segment.trace_header().parent == segment.id().text());
  }

  TEST_CASE("a root that is no trace id goes on as it came, unless the trace is recorded") {
    Setup setup;
    const std::string text = "Root=dummy;Parent=" + kParent + ";Sampled=";
    Segment unsampled = setup.tracer->begin_segment("orders", header_of(text + "0"));
    CHECK(unsampled.trace_header().root_text == "dummy");
    Segment sampled = setup.tracer->begin_segment("orders", header_of(text + "1"));
    CHECK_FALSE(sampled.trace_id().is_noop());
    CHECK(sampled.trace_header().root == sampled.trace_id());
    sampled.end();
    CHECK_FALSE(setup.sent->parsed(0).contains("parent_id"));
  }

  TEST_CASE("a member of aws is there once, on one line, and the segment's own wins") {
    TracerConfig config;
    config.environment.aws = {{"ec2", "{\n\"ami_id\":\"a\"}"}, {"account_id", "\"1\""}};
    Setup setup{config};
    Segment segment = setup.tracer->begin_segment("job");
    segment.set_aws_json("account_id", "\"2\"");
    segment.set_aws_json("xray", "\"theirs\"");
    segment.end();
    const std::string& text = setup.sent->documents.at(0);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.find("account_id") == text.rfind("account_id"));
    CHECK(text.find("\"xray\"") == text.rfind("\"xray\""));
    const json aws = setup.sent->parsed(0)["aws"];
    CHECK(aws["ec2"]["ami_id"] == "a");
    CHECK(aws["account_id"] == "2");
    CHECK(aws["xray"]["sdk"] == "X-Ray for C++");
    CHECK(setup.sent->built.corrected == 1);
  }

  TEST_CASE("what did not fit is said once and counted") {
    TracerConfig config;
    config.limits.bytes = 1024;
    Setup setup{config};
    Segment segment = setup.tracer->begin_segment("job");
    for (int i = 0; i < 100; ++i) segment.annotate("key" + std::to_string(i), "a value");
    segment.end();
    CHECK(setup.sent->documents.empty());
    CHECK(setup.sent->built.refused == 1);
    REQUIRE(setup.log.size() == 1);
    CHECK(setup.log[0].starts_with("write segment document \"job\": "));
  }

  TEST_CASE("a segment may outlive its tracer") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job");
    setup.tracer.reset();
    segment.end();
    CHECK(setup.sent->documents.size() == 1);
  }

  TEST_CASE("a disabled tracer records nothing, sends nothing and adds no header") {
    Setup setup{{}, {{"AWS_XRAY_SDK_DISABLED", "True"}}};
    CHECK(setup.tracer->is_disabled());
    Segment segment = setup.tracer->begin_segment("job", header_of("Sampled=1"));
    CHECK_FALSE(segment.has_trace());
    CHECK(segment.trace_header().is_empty());
    CHECK_FALSE(setup.tracer->begin_subsegment("db"));
    segment.end();
    CHECK(setup.sent->documents.empty());
    CHECK(setup.sampler->asked == 0);
    CHECK(setup.log.empty());
  }

  TEST_CASE("many threads record into one segment and begin their own") {
    Setup setup{{.sampler = std::make_shared<RateSampler>(1)}};
    Segment shared = setup.tracer->begin_segment("shared");
    const SegmentContext context = shared.context();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&setup, context] {
        for (int round = 0; round < 200; ++round) {
          Segment own = setup.tracer->begin_segment("own");
          Subsegment child = context.begin_subsegment("child");
          child.annotate("round", round);
          own.set_status(200);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(setup.sent->documents.size() == 800);
    CHECK(shared.subsegment_count() == 800);
    shared.end();
    CHECK(setup.tracer->stats().segments == 801);
  }
}

}  // namespace xtrace::tracer_test
