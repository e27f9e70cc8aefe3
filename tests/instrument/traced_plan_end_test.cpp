#include "instrument/traced_plan_fixture.h"
#include "xray/recording_emitter.h"

namespace xtrace::testing::traced_plan_end_test {
namespace {

using Strings = std::vector<std::string>;

std::string cause_of(const json& node) {
  return node.at("cause").at("exceptions").at(0).at("type");
}

}  // namespace

TEST_SUITE("instrument/traced_plan_end") {
  TEST_CASE_FIXTURE(TracedPlans, "an execution is recorded by the time that on_done runs") {
    answer({answer_with(200)});
    std::size_t recorded_then = 0;
    bool is_done = false;
    traced_call = traced_client().execute(segment, std::make_shared<const Plan>(plan()),
                                          [this, &recorded_then, &is_done](Execution&) {
                                            recorded_then = segment.subsegment_count();
                                            is_done = true;
                                          });
    loop.run_until([&is_done] { return is_done; });
    // The host, its attempt, and connect, dial, request, response, body.
    CHECK(recorded_then == 7);
    CHECK_FALSE(traced_call.is_running());
    traced_call = TracedPlanCall();
    CHECK(segment.subsegment_count() == 7);
  }

  TEST_CASE_FIXTURE(TracedPlans, "an aborted execution is recorded once, as far as it came") {
    config.retry.wait = wait_fixed(0ms);
    server.on_connection().expect_head().send(answer_with(503)).expect_head().silent();
    begin(plan(), segment);
    loop.run_until([this] { return parents().size() == 2; });
    const Execution execution = traced_call.abort();
    CHECK(execution.error()->code == Error::Code::cancelled);
    CHECK_FALSE(traced_call.is_running());
    traced_call = TracedPlanCall();
    const json host = only_host();
    check_no_open_child(host);
    CHECK(cause_of(host) == "cancelled");
    CHECK(names_below(host) == Strings{"Attempt:0", "backoff", "Attempt:1"});
    CHECK(names_below(child_of(host, "Attempt:1")) == Strings{"request", "response"});
    CHECK(parents().back() == child_of(host, "Attempt:1").at("id"));
  }

  TEST_CASE_FIXTURE(TracedPlans, "an execution that is aborted before it begins has no attempt") {
    begin(plan(), segment);
    static_cast<void>(traced_call.abort());
    const json host = only_host();
    CHECK(cause_of(host) == "cancelled");
    CHECK_FALSE(host.contains("subsegments"));
    CHECK(host.at("end_time").get<double>() >= host.at("start_time").get<double>());
    CHECK(server.connections() == 0);
  }

  // Each parent that a server was told is in the trace: what it sends below is no orphan.
  TEST_CASE_FIXTURE(TracedPlans, "a call that is destroyed leaves every attempt that it had sent") {
    config.retry.wait = wait_fixed(0ms);
    server.on_connection().expect_head().send(answer_with(503)).expect_head().silent();
    begin(plan(), segment);
    loop.run_until([this] { return parents().size() == 2; });
    const std::size_t told = events.size();
    traced_call = TracedPlanCall();
    loop.spin();
    CHECK(events.size() == told);
    CHECK_FALSE(result.has_value());
    const json host = only_host();
    check_no_open_child(host);
    CHECK(cause_of(host) == "cancelled");
    CHECK(host.at("metadata").at("httpx") == json{{"attempts", 2}, {"waves", 2}});
    const json first = child_of(host, "Attempt:0");
    const json second = child_of(host, "Attempt:1");
    CHECK(parents() == Strings{first.at("id"), second.at("id")});
    CHECK(first.at("http").at("response").at("status") == 503);
    CHECK(names_below(first).back() == "body");
    CHECK(cause_of(second) == "cancelled");
    CHECK_FALSE(second.contains("subsegments"));
    CHECK(host.dump().find("null") == std::string::npos);
  }

  TEST_CASE_FIXTURE(TracedPlans, "a call that is destroyed in a wait tells how long that lasted") {
    config.retry.wait = wait_fixed(1h);
    answer({answer_with(503)});
    begin(plan(), segment);
    loop.run_until([this] { return !events.empty() && events.back() == "wait_started backoff"; });
    traced_call = TracedPlanCall();
    const json host = only_host();
    CHECK(names_below(host) == Strings{"Attempt:0", "backoff"});
    const json wait = child_of(host, "backoff");
    CHECK(wait.at("metadata").at("httpx").at("planned_ms") == 3'600'000.0);
    CHECK(wait.at("end_time").get<double>() ==
          doctest::Approx(host.at("end_time").get<double>()).epsilon(1e-12));
    CHECK(wait.at("end_time").get<double>() > wait.at("start_time").get<double>());
  }

  TEST_CASE_FIXTURE(TracedPlans,
                    "a call that is destroyed before it begins says so, and sends nothing") {
    begin(plan("/a?token=secret"), segment);
    traced_call = TracedPlanCall();
    loop.spin();
    CHECK(server.connections() == 0);
    const json host = only_host();
    CHECK(cause_of(host) == "cancelled");
    CHECK(host.at("http").at("request").at("url") == server.url("/a"));
    CHECK(host.at("metadata").at("httpx") == json{{"attempts", 0}, {"waves", 0}});
  }

  TEST_CASE_FIXTURE(TracedPlans,
                    "a head that came is told of an attempt that was cut off behind it") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\nbo")
        .silent();
    begin(plan(), segment);
    loop.run_until([this] { return !events.empty() && events.back() == "before_read_body 0"; });
    traced_call = TracedPlanCall();
    const json attempt = child_of(only_host(), "Attempt:0");
    CHECK(attempt.at("http").at("response").at("status") == 404);
    CHECK(flags_of(attempt) == "error fault");
  }

  TEST_CASE_FIXTURE(TracedPlans, "assigning over a call that runs cancels and records it") {
    server.on_connection().silent();
    server.on_connection().expect_head().send(answer_with(200));
    begin(plan("/first"), segment);
    loop.run_until([this] { return has_received(); });
    trace(plan("/second"));
    const json all = recorded();
    REQUIRE(all.size() == 2);
    CHECK(cause_of(all.at(0)) == "cancelled");
    CHECK(all.at(1).at("http").at("response").at("status") == 200);
  }

  TEST_CASE_FIXTURE(TracedPlans, "on_done may destroy its call and start the next") {
    answer({answer_with(200), answer_with(200)});
    int ended = 0;
    const auto what = std::make_shared<const Plan>(plan());
    traced_call = traced_client().execute(segment, what, [this, &what, &ended](Execution&) {
      ++ended;
      traced_call = traced_client().execute(segment, what, [this, &ended](Execution&) {
        ++ended;
        traced_call = TracedPlanCall();
      });
    });
    loop.run_until([&ended] { return ended == 2; });
    CHECK(recorded().size() == 2);
  }

  TEST_CASE_FIXTURE(TracedPlans, "on_done may destroy the clients behind its call") {
    answer({answer_with(200)});
    bool is_done = false;
    traced_call = traced_client().execute(segment, std::make_shared<const Plan>(plan()),
                                          [this, &is_done](Execution&) {
                                            traced_call = TracedPlanCall();
                                            traced.reset();
                                            plans.reset();
                                            client.reset();
                                            is_done = true;
                                          });
    loop.run_until([&is_done] { return is_done; });
    CHECK(only_host().at("http").at("response").at("status") == 200);
  }

  TEST_CASE_FIXTURE(TracedPlans,
                    "a plan that is used again leaves nothing of the execution before") {
    answer({answer_with(503), answer_with(200), answer_with(200)});
    trace(plan("/first"));
    traced_call = TracedPlanCall();
    trace(plan("/second"));
    const json all = recorded();
    REQUIRE(all.size() == 2);
    CHECK(names_below(all.at(1)) == Strings{"Attempt:0"});
    CHECK(child_of(all.at(1), "Attempt:0").at("id") == parents().back());
  }

  TEST_CASE_FIXTURE(TracedPlans, "a segment that has ended gets its execution sent by itself") {
    answer({answer_with(200)});
    const auto emitter = std::make_shared<RecordingEmitter>();
    Tracer tracer{finalize_config(TracerConfig{.name = "t",
                                               .sampler = std::make_shared<RateSampler>(1),
                                               .emitter = emitter})
                      .value()};
    Segment early = tracer.begin_segment();
    begin(plan(), early);
    early.end();
    loop.run_until([this] { return result.has_value(); });
    REQUIRE(emitter->documents.size() == 2);
    const json late = emitter->parsed(1);
    CHECK(late.at("type") == "subsegment");
    CHECK(late.at("parent_id") == early.id().text());
    CHECK(names_below(late) == Strings{"Attempt:0"});
  }
}

}  // namespace xtrace::testing::traced_plan_end_test
