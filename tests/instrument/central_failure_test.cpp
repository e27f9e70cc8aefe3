#include <optional>
#include <string>

#include <doctest/doctest.h>
#include <uv.h>

#include <xtrace/central_sampler.h>

#include "central_fixture.h"
#include "support/listener.h"

namespace xtrace::central_failure_test {

using namespace std::chrono_literals;
using testing::answer;
using testing::CentralFixture;
using testing::RefusingAddress;
using testing::rule_record;
using testing::rules_reply;
using testing::ScriptedServer;

using Source = SamplingDecision::Source;

TEST_SUITE_BEGIN("instrument/central_sampler");

TEST_CASE_FIXTURE(CentralFixture, "an answer that brings no rules is asked for again") {
  Error::Code code{};
  SUBCASE("a server error") {
    answer(server, "", "500 Oops");
    code = Error::Code::service_unavailable;
  }
  SUBCASE("throttling") {
    answer(server, "", "429 Slow Down");
    code = Error::Code::service_throttled;
  }
  SUBCASE("no credentials") {
    answer(server, "", "403 Forbidden");
    code = Error::Code::service_denied;
  }
  SUBCASE("no answer at all") {
    config.request_limit = 20ms;
    server.on_connection().silent();
    code = Error::Code::call_timeout;
  }
  SUBCASE("a cut answer") {
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{")
        .close();
    code = Error::Code::body_cut;
  }
  answer(server, rules_reply(rule_record("all")));
  make();
  loop.run_until([this] { return sampler->stats().failures == 1; });
  CHECK(decide().source == Source::fallback);
  CHECK(sampler->stats().last_error->code == code);
  loop.run_until([this] { return sampler->stats().is_fresh; });
  CHECK(decide().source == Source::central);
}

TEST_CASE_FIXTURE(CentralFixture, "a body that is no list of rules is a failure") {
  const char* body = nullptr;
  SUBCASE("malformed") {
    body = "{\"SamplingRuleRecords\":[}";
  }
  SUBCASE("of another kind") {
    body = "[1,2}";
  }
  answer(server, body);
  answer(server, rules_reply(rule_record("all")));
  make_with_rules();
  CHECK(sampler->stats().failures == 1);
  CHECK(sampler->stats().last_error.has_value());
}

TEST_CASE("a daemon that is not there is asked later and later, and found when it comes") {
  CentralFixture fixture;
  std::optional<RefusingAddress> nobody(std::in_place, Address::from_ipv4({127, 0, 0, 1}, 0));
  const Address address = nobody->address();
  fixture.config.daemon.port = address.port();
  fixture.sampler = make_central_sampler(fixture.loop, fixture.config);
  fixture.loop.run_until([&fixture] { return fixture.sampler->stats().failures == 5; });
  CHECK(fixture.decide().source == Source::fallback);
  CHECK(fixture.sampler->stats().last_error->code == Error::Code::connect_refused);
  nobody.reset();
  ScriptedServer daemon(fixture.loop, {.address = address});
  answer(daemon, rules_reply(rule_record("all")));
  fixture.loop.run_until([&fixture] { return fixture.sampler->stats().is_fresh; });
  CHECK(fixture.decide().source == Source::central);
  fixture.sampler.reset();
}

TEST_CASE_FIXTURE(CentralFixture, "rules older than an hour give way to the fallback") {
  answer(server, rules_reply(rule_record("all")));
  make_with_rules();
  clock.move(3600s);
  CHECK(decide().source == Source::central);
  clock.move(1s);
  CHECK(decide().source == Source::fallback);
  const CentralSamplerStats stats = sampler->stats();
  CHECK_FALSE(stats.is_fresh);
  CHECK(stats.age == Duration{3601s});
  CHECK(stats.rules == 1);
}

TEST_CASE_FIXTURE(CentralFixture, "the fallback is the manifest that was given") {
  config.fallback.default_rule = {.fixed_target = 0, .rate = 1};
  server.on_connection().silent();
  make();
  for (int i = 0; i < 20; ++i) CHECK(decide().is_sampled);
}

TEST_CASE("a sampler that waits for its next poll keeps no loop running") {
  testing::TestLoop loop;
  std::optional<ScriptedServer> daemon(std::in_place, loop);
  answer(*daemon, rules_reply(rule_record("all")));
  const auto sampler =
      make_central_sampler(loop, CentralSamplerConfig{.daemon = testing::endpoint_of(*daemon)});
  loop.run_until([&sampler] { return sampler->stats().is_fresh; });
  daemon.reset();
  loop.spin();
  CHECK(uv_loop_alive(loop.loop().handle()) == 0);
}

TEST_CASE_FIXTURE(CentralFixture, "a sampler may be destroyed while it waits for an answer") {
  server.on_connection().silent();
  make();
  loop.run_until([this] { return server.connections() == 1; });
  sampler.reset();
  loop.run_until([this] { return server.connection().peer_ended; });
}

TEST_SUITE_END();

}  // namespace xtrace::central_failure_test
