#include "fault_fixture.h"
#include "support/listener.h"

namespace xtrace::dial_fault_test {

using std::chrono::milliseconds;
using testing::Fault;
using testing::FaultFixture;
using testing::kOk;
using testing::RefusingAddress;
using testing::Script;

namespace {

const std::string kGreeted("\x05\x00", 2);
const std::string kGranted("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10);

}  // namespace

TEST_SUITE("client/dial_fault") {
  TEST_CASE_FIXTURE(FaultFixture, "a lookup that fails fails one request, the next looks up anew") {
    resolver.answers.emplace(
        "named.test", Error{Error::Code::dns_temporary, Phase::dns, "look named.test up: x"});
    answer_always();
    launch(1, named_request(), {}, [this](Exchange exchange) {
      ends.emplace(1, std::move(exchange));
      resolver.answers.insert_or_assign("named.test", Resolved{{server.address()}});
    });
    launch(2, named_request());
    wait_for(2);
    check_fault(1, Error::Code::dns_temporary, Phase::dns);
    check_ok(2);
    CHECK(resolver.asked.size() == 2);
    CHECK(counts().failed == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(FaultFixture, "a lookup without end holds up nobody who waits behind it") {
    config.timeouts.dns = milliseconds(20);
    resolver.silent.insert("named.test");
    resolver.answers.emplace("named.test", Resolved{{server.address()}});
    answer_always();
    launch(1, named_request(), {}, [this](Exchange exchange) {
      ends.emplace(1, std::move(exchange));
      resolver.silent.clear();
    });
    launch(2, named_request());
    wait_for(2);
    check_fault(1, Error::Code::dns_timeout, Phase::dns);
    check_ok(2);
    check_sums();
  }

  TEST_CASE_FIXTURE(FaultFixture, "a refused dial fails one request, the next dials anew") {
    const RefusingAddress refusing(Address::from_ipv4({127, 0, 0, 9}, server.port()));
    resolver.answers.emplace("named.test", Resolved{{refusing.address()}});
    answer_always();
    launch(1, named_request(), {}, [this](Exchange exchange) {
      ends.emplace(1, std::move(exchange));
      resolver.answers.insert_or_assign("named.test", Resolved{{server.address()}});
    });
    launch(2, named_request());
    wait_for(2);
    check_fault(1, Error::Code::connect_refused, Phase::connect);
    check_ok(2);
    CHECK(counts().failed == 1);
    check_sums();
  }

  TEST_CASE_FIXTURE(FaultFixture, "a dial that nobody answers is given up at its limit") {
    const testing::SilentAddress silent(Address::from_ipv4({127, 0, 0, 9}, 0));
    config.timeouts.dial = milliseconds(40);
    config.connect_to.push_back({.from_host = "named.test",
                                 .from_port = 0,
                                 .to_host = "",
                                 .to_port = silent.address().port()});
    resolver.answers.emplace("named.test", Resolved{{silent.address()}});
    launch(1, named_request());
    wait_for(1);
    check_fault(1, Error::Code::connect_timeout, Phase::connect);
    CHECK(ends.at(1).timeline.dials[0].span.outcome == Outcome::timeout);
    CHECK(counts().failed == 1);
    CHECK(counts().total() == 0);
    check_sums();
  }

  TEST_CASE_FIXTURE(FaultFixture,
                    "handshakes that fail with a rival waiting fail each on its own") {
    Error::Code code{};
    Script& script = server.on_connection();
    SUBCASE("closed") {
      script.expect_bytes(1).close();
      code = Error::Code::tls_closed;
    }
    SUBCASE("reset") {
      script.expect_bytes(1).reset();
      code = Error::Code::tls_closed;
    }
    SUBCASE("garbage") {
      script.expect_bytes(1).send("HTTP/1.1 400 Bad Request\r\n\r\n");
      code = Error::Code::tls_handshake;
    }
    SUBCASE("silence") {
      config.timeouts.tls = milliseconds(20);
      script.silent();
      code = Error::Code::tls_timeout;
    }
    launch(1, https_request());
    launch(2, https_request());
    wait_for(2);
    check_fault(1, code, Phase::tls);
    check_fault(2, code, Phase::tls);
    CHECK(server.connections() == 2);
    CHECK(counts().failed == 2);
    CHECK(counts().total() == 0);
    check_sums();
  }

  TEST_CASE("a fault of the proxy is one request's; who waits gets a tunnel of its own") {
    const Fault faults[] = {
        {"closed", [](Script& script) { script.close(); }, Error::Code::proxy_failed, Phase::proxy},
        {"reset", [](Script& script) { script.reset(); }, Error::Code::proxy_failed, Phase::proxy},
        {"garbage", [](Script& script) { script.send("HTTP/1.1 "); }, Error::Code::proxy_failed,
         Phase::proxy},
        {"refused",
         [](Script& script) {
           script.send(kGreeted).expect_bytes(1).send(std::string("\x05\x05\x00\x01", 4) +
                                                      std::string(6, '\0'));
         },
         Error::Code::proxy_refused, Phase::proxy},
        {"cut in its answer",
         [](Script& script) {
           script.send(kGreeted).expect_bytes(1).send(kGranted.substr(0, 5)).turn().close();
         },
         Error::Code::proxy_failed, Phase::proxy},
        {"silence", [](Script& script) { script.send(kGreeted).silent(); },
         Error::Code::proxy_timeout, Phase::proxy},
    };
    for (const Fault& fault : faults) {
      CAPTURE(std::string(fault.name));
      FaultFixture test;
      test.config.timeouts.proxy = milliseconds(40);
      test.config.proxy = ProxyConfig{.http = "socks5h://" + test.server.address().to_string()};
      fault.happen(test.server.on_connection().expect_bytes(3));
      test.server.on_connection()
          .expect_bytes(3)
          .send(kGreeted)
          .expect_bytes(10)
          .send(kGranted)
          .expect_head()
          .send(kOk);
      const Url far = Url::parse("http://far.test/").value();
      test.launch(1, Request(far));
      test.launch(2, Request(far));
      test.wait_for(2);
      test.check_fault(1, fault.code, fault.phase);
      test.check_ok(2);
      CHECK(test.counts().failed == 1);
      CHECK(test.counts().opened == 1);
      test.check_sums();
    }
  }
}

}  // namespace xtrace::dial_fault_test
