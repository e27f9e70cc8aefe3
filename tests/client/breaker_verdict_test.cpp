/// What attempts say about a server, and which settings make sense.

#include <cmath>
#include <functional>

#include <xtrace/circuit_breaker.h>

#include "client/breaker_fixture.h"
#include "client/literal_execution.h"

namespace breaker_verdict_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

using enum BreakerVerdict;
using Code = Error::Code;

BreakerVerdict verdict_of(Code code, Phase phase, int status = 0) {
  AttemptRecord attempt = make_attempt({.status = status, .error = code});
  attempt.exchange.error->phase = phase;
  return default_verdict(attempt);
}

}  // namespace

TEST_SUITE("client/breaker_verdict") {
  TEST_CASE("a server that fails, throttles or is too slow fails, any other answer is one") {
    for (const int status : {200, 204, 301, 304, 400, 401, 404, 407, 409, 428, 430, 499}) {
      CAPTURE(status);
      CHECK(default_verdict(make_attempt({.status = status})) == success);
    }
    for (const int status : {408, 429, 500, 501, 502, 503, 504, 599}) {
      CAPTURE(status);
      CHECK(default_verdict(make_attempt({.status = status})) == failure);
    }
  }

  TEST_CASE("connections that cannot be had or break are failures, and so is whatever times out") {
    const std::pair<Code, Phase> failures[] = {
        {Code::dns_not_found, Phase::dns},       {Code::dns_timeout, Phase::dns},
        {Code::connect_refused, Phase::connect}, {Code::connect_timeout, Phase::connect},
        {Code::proxy_refused, Phase::proxy},     {Code::tls_handshake, Phase::tls},
        {Code::cert_expired, Phase::tls},        {Code::send_failed, Phase::request},
        {Code::empty_reply, Phase::response},    {Code::response_timeout, Phase::response},
        {Code::not_http, Phase::response},       {Code::body_cut, Phase::body},
        {Code::body_undecodable, Phase::body},   {Code::body_stalled, Phase::body},
        {Code::attempt_timeout, Phase::connect}, {Code::attempt_timeout, Phase::response},
        {Code::call_timeout, Phase::body}};
    for (const auto& [code, phase] : failures) {
      const std::string_view name = to_string(code);
      CAPTURE(name);
      CHECK(verdict_of(code, phase) == failure);
      CHECK(verdict_of(code, phase, 200) == failure);
    }
  }

  TEST_CASE("what this side gave up or never sent says nothing") {
    const std::pair<Code, Phase> excluded_ones[] = {
        {Code::invalid_url, Phase::none},        {Code::invalid_request, Phase::none},
        {Code::invalid_host_name, Phase::dns},   {Code::pool_timeout, Phase::queue},
        {Code::pool_full, Phase::queue},         {Code::client_closed, Phase::queue},
        {Code::breaker_open, Phase::none},       {Code::tls_config, Phase::tls},
        {Code::body_source_failed, Phase::none}, {Code::body_not_repeatable, Phase::none},
        {Code::cancelled, Phase::response},      {Code::plan_timeout, Phase::response},
        {Code::redundant, Phase::body},          {Code::system, Phase::none},
        {Code::attempt_timeout, Phase::queue},   {Code::attempt_timeout, Phase::dns_wait},
        {Code::call_timeout, Phase::queue}};
    for (const auto& [code, phase] : excluded_ones) {
      const std::string_view name = to_string(code);
      CAPTURE(name);
      CHECK(verdict_of(code, phase) == excluded);
      CHECK(verdict_of(code, phase, 503) == excluded);
    }
    CHECK(default_verdict(make_attempt({})) == excluded);
  }

  TEST_CASE("a redundant attempt says nothing, however it ended") {
    CHECK(default_verdict(make_attempt({.status = 503, .is_redundant = true})) == excluded);
    CHECK(default_verdict(make_attempt({.status = 200, .is_redundant = true})) == excluded);
    CHECK(default_verdict(make_attempt({.error = Code::empty_reply, .is_redundant = true})) ==
          excluded);
  }

  TEST_CASE("where this side did not want what it got, the status says what the server did") {
    for (const Code code : {Code::body_too_large, Code::body_refused, Code::body_expands,
                            Code::too_many_redirects, Code::bad_redirect}) {
      CAPTURE(to_string(code));
      CHECK(verdict_of(code, Phase::body, 200) == success);
      CHECK(verdict_of(code, Phase::body, 503) == failure);
    }
  }
}

TEST_SUITE("client/circuit_breaker_config") {
  TEST_CASE("settings that make no sense are refused by name") {
    using Change = std::function<void(BreakerConfig&)>;
    const std::pair<Change, std::string> rows[] = {
        {[](BreakerConfig& on) { on.window_calls = 0; }, "window_calls is 0"},
        {[](BreakerConfig& on) { on.window_calls = 1'000'001; }, "window_calls is over 1000000"},
        {[](BreakerConfig& on) { on.window_time = 0s; }, "window_time is not positive"},
        {[](BreakerConfig& on) { on.failure_rate = -0.1; }, "failure_rate is not between 0 and 1"},
        {[](BreakerConfig& on) { on.failure_rate = std::nan(""); },
         "failure_rate is not between 0 and 1"},
        {[](BreakerConfig& on) { on.slow_rate = 1.1; }, "slow_rate is not between 0 and 1"},
        {[](BreakerConfig& on) { on.slow_call = -1ns; }, "slow_call is negative"},
        {[](BreakerConfig& on) { on.open_for = 0s; }, "open_for is not positive"},
        {[](BreakerConfig& on) { on.probes = 0; }, "probes is 0"},
        {[](BreakerConfig& on) { on.probes = 1001; }, "probes is over 1000"},
        {[](BreakerConfig& on) { on.probe_deadline = 0s; }, "probe_deadline is not positive"},
        {[](BreakerConfig& on) { on.forget_after = -1s; }, "forget_after is negative"},
        {[](BreakerConfig& on) { on.most_buckets = 0; }, "most_buckets is 0"}};
    for (const auto& [change, message] : rows) {
      BreakerConfig config;
      CHECK(check_config(config));
      change(config);
      const Expected<void> checked = check_config(config);
      REQUIRE_FALSE(checked);
      CHECK(checked.if_error()->code == Code::invalid_config);
      CHECK(checked.if_error()->message == "circuit breaker: " + message);
    }
  }

  TEST_CASE("states have names") {
    CHECK(to_string(BreakerState::closed) == "closed");
    CHECK(to_string(BreakerState::open) == "open");
    CHECK(to_string(BreakerState::half_open) == "half_open");
  }
}

}  // namespace breaker_verdict_test
