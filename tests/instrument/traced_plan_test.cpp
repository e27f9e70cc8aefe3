#include "instrument/traced_plan_fixture.h"

namespace xtrace::testing::traced_plan_test {
namespace {

using Strings = std::vector<std::string>;

struct RacedPlans : TracedPlans {
  /// Two rivals follow at once, and the third answers.
  RacedPlans() {
    config.race = {.schedule = race_after({1ms, 1ms}), .start = start_always()};
    server.on_connection().silent();
    server.on_connection().silent();
    server.on_connection().expect_head().send(answer_with(200, "ok"));
  }
};

std::string id_of(const json& node) {
  return node.at("id");
}

}  // namespace

TEST_SUITE("instrument/traced_plan") {
  TEST_CASE_FIXTURE(TracedPlans, "each attempt names its own subsegment as the parent") {
    answer({answer_with(503), answer_with(200, "ok")});
    CHECK(trace(plan("/a")).status() == 200);
    const json host = only_host();
    CHECK(names_below(host) == Strings{"Attempt:0", "backoff", "Attempt:1"});
    const json first = child_of(host, "Attempt:0");
    const json second = child_of(host, "Attempt:1");
    CHECK(parents() == Strings{id_of(first), id_of(second)});
    CHECK(flags_of(first) == "fault");
    CHECK(names_below(second) == Strings{"request", "response", "body"});
    CHECK(second.at("metadata").at("http").at("connection").at("reused") == true);
    for (const std::string& text : fields_of(server.received(), "X-Amzn-Trace-Id")) {
      const TraceHeader header = parse_trace_header(text);
      CHECK(header.root == segment.trace_id());
      CHECK(header.sampled == Sampled::yes);
    }
    check_no_open_child(host);
  }

  // Facts B5 and A11: httpx shares one header map between the plan and its attempts, so that the
  // server received the last parent three times, and the plan kept it.
  TEST_CASE_FIXTURE(RacedPlans,
                    "three raced attempts send three parents, and the plan keeps none") {
    const auto kept = std::make_shared<const Plan>(plan());
    traced_call = traced_client().execute(
        segment, kept, [this](Execution& execution) { result = std::move(execution); });
    loop.run_until([this] { return result.has_value(); });
    const json host = only_host();
    Strings recorded_ids;
    for (const char* name : {"Attempt:0", "Attempt:1", "Attempt:2"})
      recorded_ids.push_back(id_of(child_of(host, name)));
    Strings received;
    for (std::size_t i = 0; i < 3; ++i) {
      REQUIRE(parents(i).size() == 1);
      received.push_back(parents(i).front());
    }
    CHECK(received == recorded_ids);
    CHECK(received[0] != received[1]);
    CHECK(received[1] != received[2]);
    CHECK(kept->request.headers.empty());
  }

  // Facts B3 and B4.
  TEST_CASE_FIXTURE(RacedPlans,
                    "the losers of a race are no faults, and nothing of them is left open") {
    CHECK(trace(plan()).attempt == 2);
    const json host = only_host();
    check_no_open_child(host);
    CHECK(flags_of(host).empty());
    CHECK(host.at("metadata").at("httpx") == json{{"attempts", 3}, {"waves", 1}});
    CHECK(host.dump().find("\"fault\"") == std::string::npos);
    for (const char* name : {"Attempt:0", "Attempt:1"}) {
      const json lost = child_of(host, name);
      CHECK(lost.at("metadata").at("httpx").at("redundant") == true);
      CHECK(lost.at("metadata").at("httpx").at("outcome") == "not needed: attempt 2 was final");
      CHECK(names_below(lost).front() == "connect");
    }
  }

  TEST_CASE_FIXTURE(TracedPlans,
                    "an attempt that takes too long is a fault, and its wait ends with it") {
    config.timeout = timeout_fixed(20ms);
    server.on_connection().silent();
    server.on_connection().expect_head().send(answer_with(200));
    CHECK(trace(plan()).status() == 200);
    const json host = only_host();
    check_no_open_child(host);
    const json late = child_of(host, "Attempt:0");
    CHECK(flags_of(late) == "fault");
    CHECK(late.at("cause").at("exceptions").at(0).at("type") == "attempt_timeout");
    CHECK(flags_of(child_of(late, "response")) == "fault");
    CHECK(flags_of(host).empty());
  }

  TEST_CASE_FIXTURE(TracedPlans, "every physical request of a redirected attempt names its own") {
    const std::string led_on =
        "HTTP/1.1 302 Found\r\nLocation: /next?token=secret\r\nContent-Length: 0\r\n\r\n";
    answer({answer_with(503), led_on, answer_with(200)});
    client_config.redirects.are_followed = true;
    CHECK(trace(plan("/a")).status() == 200);
    const json host = only_host();
    const json attempt = child_of(host, "Attempt:1");
    REQUIRE(attempt.at("subsegments").size() == 2);
    CHECK(parents() == Strings{id_of(child_of(host, "Attempt:0")),
                               id_of(attempt.at("subsegments").at(0)),
                               id_of(attempt.at("subsegments").at(1))});
    CHECK(attempt.at("subsegments").at(1).at("http").at("request").at("url") ==
          server.url("/next"));
    CHECK(host.dump().find("secret") == std::string::npos);
  }

  TEST_CASE_FIXTURE(TracedPlans, "what a handler asks instead is what its attempt tells") {
    answer({answer_with(503), answer_with(200)});
    Plan what = plan("/a");
    what.handlers.before_attempt.emplace_back([this](Execution& execution) {
      if (execution.attempt == 1)
        *execution.request = Request(Url::parse(server.url("/b?q=secret")).value());
    });
    trace(std::move(what));
    const json host = only_host();
    const json second = child_of(host, "Attempt:1");
    CHECK(second.at("http").at("request").at("url") == server.url("/b"));
    CHECK(parents().back() == id_of(second));
    CHECK(host.at("http").at("request").at("url") == server.url("/a"));
  }

  TEST_CASE_FIXTURE(TracedPlans,
                    "an unsampled trace goes on in every attempt and is not recorded") {
    answer({answer_with(503), answer_with(200)});
    const auto emitter = std::make_shared<NullEmitter>();
    Tracer tracer{finalize_config(TracerConfig{.name = "t",
                                               .has_real_unsampled_ids = true,
                                               .sampler = std::make_shared<RateSampler>(0),
                                               .emitter = emitter})
                      .value()};
    Segment unsampled = tracer.begin_segment();
    trace(plan(), unsampled);
    traced_call = TracedPlanCall();
    const Strings sent = fields_of(server.received(), "X-Amzn-Trace-Id");
    REQUIRE(sent.size() == 2);
    for (const std::string& text : sent) {
      CHECK(parse_trace_header(text).root == unsampled.trace_id());
      CHECK(parse_trace_header(text).sampled == Sampled::no);
    }
    unsampled.end();
    CHECK(emitter->stats().documents == 0);
  }

  TEST_CASE_FIXTURE(TracedPlans, "without a trace a plan is sent as it is") {
    answer({answer_with(200)});
    CHECK(trace(plan(), SegmentContext()).status() == 200);
    CHECK(server.received().find("Trace-Id") == std::string::npos);
    traced_call = TracedPlanCall();
    CHECK(recorded().empty());
  }

  TEST_CASE_FIXTURE(TracedPlans, "traceparent goes beside the header where it is asked for") {
    answer({answer_with(200)});
    traced.emplace(plan_client(), TracedClientOptions{.sends_traceparent = true});
    trace(plan());
    const Strings sent = fields_of(server.received(), "traceparent");
    REQUIRE(sent.size() == 1);
    CHECK(parse_traceparent(sent[0]).root == segment.trace_id());
    CHECK(parse_traceparent(sent[0]).parent == parents()[0]);
  }

  TEST_CASE_FIXTURE(TracedPlans, "neither query nor password gets into the record of a failure") {
    const std::string address = server.address().to_string();
    server.on_connection().expect_head().send(
        "HTTP/1.1 302 Found\r\nLocation: ftp://u:secret@h/?secret\r\nContent-Length: 0\r\n\r\n");
    client_config.redirects.are_followed = true;
    trace(Plan(Request(Url::parse("http://user:secret@" + address + "/a?token=secret").value())));
    CHECK(code() == Error::Code::bad_redirect);
    const json host = only_host();
    CHECK(flags_of(host) == "fault");
    CHECK(host.dump().find("secret") == std::string::npos);
    CHECK(host.dump().find("token") == std::string::npos);
  }

  TEST_CASE_FIXTURE(TracedPlans,
                    "what an open breaker refuses is recorded as a fault, without an attempt") {
    BreakerConfig forced;
    forced.forced = BreakerConfig::Forced::open;
    config.breakers = std::make_shared<CircuitBreakers>(forced);
    trace(plan("/a"));
    CHECK(code() == Error::Code::breaker_open);
    CHECK(server.connections() == 0);
    const json host = only_host();
    CHECK(flags_of(host) == "fault");
    CHECK(host.at("cause").at("exceptions").at(0).at("type") == "breaker_open");
    CHECK(host.at("http").at("request").at("url") == server.url("/a"));
    CHECK_FALSE(host.contains("subsegments"));
  }
}

}  // namespace xtrace::testing::traced_plan_test
