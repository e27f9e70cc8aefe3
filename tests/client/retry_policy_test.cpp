#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/retry_policy.h>

#include "client/literal_execution.h"

namespace retry_policy_test {

using namespace xtrace;
using namespace xtrace::testing;

namespace {

Execution ended_with(int status) {
  return make_execution({{.status = status}});
}

Execution failed_with(Error::Code code) {
  return make_execution({{.error = code}});
}

RetryDecider always(bool verdict, int* asked = nullptr) {
  return RetryDecider([verdict, asked](const Execution&) {
    if (asked != nullptr) ++*asked;
    return verdict;
  });
}

}  // namespace

TEST_SUITE("client/retry_policy") {
  TEST_CASE("five retries are six attempts") {
    Execution execution = ended_with(503);
    const RetryDecider decide = retry_times(5);
    for (int ended = 1; ended <= 8; ++ended) {
      execution.attempt_ends = ended;
      CHECK(decide(execution) == (ended <= 5));
    }
    execution.attempt_ends = 1;
    CHECK_FALSE(retry_times(0)(execution));
    CHECK_FALSE(retry_times(-1)(execution));
    CHECK_FALSE(retry_times(std::numeric_limits<int>::min())(execution));
    CHECK(retry_times(std::numeric_limits<int>::max())(execution));
  }

  TEST_CASE("an execution is retried while it is younger than the limit, and not at it") {
    Execution execution = ended_with(503);
    execution.present = execution.started.tick + 2s;
    CHECK(retry_before(2s + 1ns)(execution));
    CHECK_FALSE(retry_before(2s)(execution));
    CHECK_FALSE(retry_before(0s)(execution));
    CHECK_FALSE(retry_before(Duration::min())(execution));
    CHECK(retry_before(Duration::max())(execution));
    execution.started.tick = Tick::min();
    CHECK_FALSE(retry_before(1s)(execution));
  }

  TEST_CASE("a status is retried if it is on the list, and no answer has none") {
    const RetryDecider decide = retry_statuses({503, 429, 0});
    CHECK(decide(ended_with(503)));
    CHECK(decide(ended_with(429)));
    CHECK_FALSE(decide(ended_with(500)));
    CHECK_FALSE(decide(ended_with(200)));
    CHECK_FALSE(decide(failed_with(Error::Code::connect_refused)));
    CHECK_FALSE(retry_statuses({})(ended_with(503)));
    CHECK(decide(make_execution({{.status = 503, .error = Error::Code::body_cut}})));
  }

  TEST_CASE("transient are errors that may not last, and no others") {
    using enum Error::Code;
    const std::set<Error::Code> transient = {pool_timeout,    dns_temporary,    dns_timeout,
                                             connect_refused, connect_timeout,  connect_unreachable,
                                             proxy_failed,    proxy_timeout,    tls_closed,
                                             tls_timeout,     send_failed,      send_stalled,
                                             empty_reply,     receive_failed,   response_timeout,
                                             head_cut,        response_stalled, body_cut,
                                             body_stalled,    call_timeout,     attempt_timeout};
    int known = 0;
    for (int number = 0; number < 1000; ++number) {
      const auto code = static_cast<Error::Code>(number);
      if (to_string(code) == "unknown") continue;
      ++known;
      INFO(to_string(code));
      CHECK(is_transient(code) == transient.contains(code));
      CHECK(retry_transient()(failed_with(code)) == transient.contains(code));
    }
    CHECK(known > 60);
    CHECK_FALSE(retry_transient()(ended_with(503)));
  }

  TEST_CASE("an error is retried if its code is on the list") {
    const RetryDecider decide = retry_errors({Error::Code::dns_not_found, Error::Code::not_http});
    CHECK(decide(failed_with(Error::Code::dns_not_found)));
    CHECK(decide(failed_with(Error::Code::not_http)));
    CHECK_FALSE(decide(failed_with(Error::Code::connect_refused)));
    CHECK_FALSE(decide(ended_with(503)));
  }

  TEST_CASE("only idempotent requests are retried, whatever the plan vouches for") {
    Execution execution = ended_with(503);
    for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
      execution.plan = make_plan("http://example.com/", method);
      CHECK(retry_idempotent()(execution));
    }
    Plan vouched = *make_plan("http://example.com/", "POST");
    vouched.repetition = Repetition::always;
    execution.plan = std::make_shared<const Plan>(vouched);
    CHECK_FALSE(retry_idempotent()(execution));
    vouched.request.headers.add("Idempotency-Key", "1");
    execution.plan = std::make_shared<const Plan>(vouched);
    CHECK(retry_idempotent()(execution));
    execution.plan = nullptr;
    CHECK_FALSE(retry_idempotent()(execution));
  }

  TEST_CASE("deciders combine, and the right one is asked only where it matters") {
    const Execution execution = ended_with(503);
    for (const bool left : {false, true}) {
      for (const bool right : {false, true}) {
        int asked = 0;
        CHECK((always(left) && always(right, &asked))(execution) == (left && right));
        CHECK(asked == (left ? 1 : 0));
        asked = 0;
        CHECK((always(left) || always(right, &asked))(execution) == (left || right));
        CHECK(asked == (left ? 0 : 1));
      }
    }
  }

  TEST_CASE("the default is httpx's: five times, four statuses and transient errors") {
    const RetryDecider decide = default_decider();
    for (const int status : {429, 502, 503, 504}) CHECK(decide(ended_with(status)));
    for (const int status : {200, 301, 404, 408, 500, 501}) CHECK_FALSE(decide(ended_with(status)));
    CHECK(decide(failed_with(Error::Code::attempt_timeout)));
    CHECK_FALSE(decide(failed_with(Error::Code::plan_timeout)));
    CHECK_FALSE(decide(failed_with(Error::Code::cert_expired)));
    Execution sixth = ended_with(503);
    sixth.attempt_ends = 6;
    CHECK_FALSE(decide(sixth));
    CHECK_FALSE(RetryPolicy::never().decide(ended_with(503)));
    CHECK_FALSE(RetryPolicy::never().decide(failed_with(Error::Code::connect_refused)));
  }

  TEST_CASE("a budget lets a share of the requests be retries, but a few in any case") {
    struct Row {
      RetryBudget budget;
      int retries;
      int active;
      bool allowed;
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<Row> rows = {
        {{}, 0, 1, true},
        {{}, 2, 3, true},
        {{}, 3, 3, false},
        {{}, 3, 19, false},
        {{}, 3, 20, true},
        {{}, 4, 20, false},
        {{}, 19, 100, true},
        {{}, 20, 100, false},
        {{.is_limited = false}, 1'000'000, 1, true},
        {{.share = 0}, 2, 1'000'000, true},
        {{.share = 0}, 3, 1'000'000, false},
        {{.share = 0.2, .minimum = 0}, 2, 15, true},
        {{.share = 0.2, .minimum = 0}, 3, 15, false},
        {{.share = 0.2, .minimum = 0}, 0, 4, false},
        {{.share = 0.1, .minimum = 0}, 2, 30, true},
        {{.share = nan}, 2, 100, true},
        {{.share = nan}, 3, 100, false},
        {{.share = infinity}, std::numeric_limits<int>::max(), 1, true},
        {{.share = -1, .minimum = -1}, 0, 100, false},
    };
    for (const Row& row : rows) {
      CAPTURE(row.budget.share);
      CAPTURE(row.retries);
      CAPTURE(row.active);
      CHECK(row.budget.allows(row.retries, row.active) == row.allowed);
    }
  }
}

}  // namespace retry_policy_test
