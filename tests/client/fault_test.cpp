#include "fault_fixture.h"

namespace xtrace::fault_test {

using std::chrono::milliseconds;
using testing::Fault;
using testing::FaultFixture;
using testing::kOk;
using testing::Script;
using testing::ScriptedServer;

namespace {

constexpr Fault kFaults[] = {
    {"reset in the wait", [](Script& script) { script.reset(); }, Error::Code::receive_failed,
     Phase::response},
    {"closed in the wait", [](Script& script) { script.close(); }, Error::Code::empty_reply,
     Phase::response},
    {"silence in the wait", [](Script& script) { script.silent(); }, Error::Code::response_timeout,
     Phase::response, CloseReason::cancelled},
    {"garbage", [](Script& script) { script.send("SSH-2.0-x\r\n"); }, Error::Code::not_http,
     Phase::response},
    {"reset in the head",
     [](Script& script) { script.send("HTTP/1.1 200 OK\r\nA").turn().reset(); },
     Error::Code::receive_failed, Phase::body},
    {"silence behind 103", [](Script& script) { script.send("HTTP/1.1 103 E\r\n\r\n").silent(); },
     Error::Code::response_timeout, Phase::response, CloseReason::cancelled},
    {"reset in the body",
     [](Script& script) {
       script.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").turn().reset();
     },
     Error::Code::receive_failed, Phase::body},
    {"silence in the body",
     [](Script& script) {
       script.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").silent();
     },
     Error::Code::body_stalled, Phase::body, CloseReason::cancelled},
    {"a bad chunk",
     [](Script& script) {
       script.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc").silent();
     },
     Error::Code::body_invalid, Phase::body},
};

}  // namespace

TEST_SUITE("client/fault") {
  TEST_CASE("a fault on a new connection is the request's own; who waits gets another") {
    for (const Fault& fault : kFaults) {
      CAPTURE(std::string(fault.name));
      FaultFixture test;
      test.limit_time();
      fault.happen(test.server.on_connection().expect_head());
      test.answer_always();
      test.launch(1, test.request());
      test.launch(2, test.request());
      test.wait_for(2);
      test.check_fault(1, fault.code, fault.phase);
      test.check_ok(2);
      CHECK_FALSE(test.ends.at(2).timeline.reused);
      CHECK(test.counts().closed_for(fault.reason) == 1);
      CHECK(test.server.connections() == 2);
      test.check_sums();
    }
  }

  TEST_CASE("a fault on a reused connection that has begun to answer is not repeated") {
    for (const Fault& fault : kFaults) {
      CAPTURE(std::string(fault.name));
      FaultFixture test;
      test.limit_time();
      fault.happen(test.server.on_connection().expect_head().send(kOk).expect_head());
      test.answer_always();
      test.launch(1, test.request());
      test.wait_for(1);
      test.launch(2, test.request());
      test.launch(3, test.request());
      test.wait_for(3);
      test.check_ok(3);
      const bool is_stale =
          fault.code == Error::Code::empty_reply ||
          (fault.code == Error::Code::receive_failed && fault.phase == Phase::response);
      if (is_stale) {
        test.check_ok(2);
        CHECK(test.ends.at(2).past.size() == 1);
        CHECK(test.counts().closed_for(CloseReason::server_closed) == 1);
      } else {
        test.check_fault(2, fault.code, fault.phase);
        CHECK(test.ends.at(2).timeline.reused);
        CHECK(test.ends.at(2).past.empty());
        CHECK(test.counts().closed_for(fault.reason) == 1);
      }
      test.check_sums();
    }
  }

  TEST_CASE("a fault on the second leg of a redirect leaves the first leg on record") {
    for (const Fault& fault : kFaults) {
      CAPTURE(std::string(fault.name));
      FaultFixture test;
      test.limit_time();
      ScriptedServer next(test.loop);
      test.server.on_connection().expect_head().send(
          "HTTP/1.1 307 T\r\nLocation: " + next.url("/") + "\r\nContent-Length: 0\r\n\r\n");
      fault.happen(next.on_connection().expect_head());
      test.launch(1, test.request());
      test.wait_for(1);
      test.check_fault(1, fault.code, fault.phase);
      REQUIRE(test.ends.at(1).past.size() == 1);
      CHECK_FALSE(test.ends.at(1).past[0].error.has_value());
      CHECK(test.ends.at(1).led_to.has_value());
      CHECK(test.counts().idle == 1);
      CHECK(test.counts().total() == 1);
      test.check_sums();
    }
  }

  TEST_CASE_FIXTURE(FaultFixture, "an upload that fails frees its place for who waits") {
    Script& script = server.on_connection().expect_head();
    Error::Code code = Error::Code::send_failed;
    SUBCASE("reset") {
      script.reset();
    }
    SUBCASE("stalled") {
      config.timeouts.idle = milliseconds(30);
      script.stop_reading();
      code = Error::Code::send_stalled;
    }
    SUBCASE("out of time") {
      config.timeouts.total = milliseconds(30);
      script.stop_reading();
      code = Error::Code::call_timeout;
    }
    answer_always();
    launch(1, upload());
    launch(2, request());
    wait_for(code == Error::Code::call_timeout ? 1 : 2);
    check_fault(1, code, Phase::request);
    CHECK(ends.at(1).timeline.request_body_bytes < upload().body.size());
    wait_for(2);
    if (code != Error::Code::call_timeout) check_ok(2);
    CHECK(counts().total() <= 1);
    check_sums();
  }
}

}  // namespace xtrace::fault_test
