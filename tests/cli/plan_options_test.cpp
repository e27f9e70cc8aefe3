#include "cli/plan_options.h"

#include <doctest/doctest.h>

#include "command_line.h"

namespace plan_options_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::milliseconds;
using std::chrono::seconds;
using xtrace::testing::parsed;
using xtrace::testing::refusal;

TEST_SUITE("cli/plan_options") {
  TEST_CASE("a request without a policy is no plan, and a limit of the pool makes it none") {
    CHECK_FALSE(parsed({"u"}).plan.is_plan());
    CHECK_FALSE(parsed({"--pool", "3", "u"}).plan.is_plan());
    CHECK(parsed({"--pool", "3", "u"}).plan.pool == 3);
    CHECK(parsed({"--retry", "0", "u"}).plan.is_plan());
    CHECK(parsed({"--attempt-timeout", "1", "u"}).plan.is_plan());
    CHECK(parsed({"--race", "50ms", "u"}).plan.is_plan());
    CHECK(parsed({"--breaker", "5/30", "u"}).plan.is_plan());
    CHECK(parsed({"--target-id", "shop", "u"}).plan.is_plan());
    CHECK(parsed({"--endpoint", "/users/{id}", "u"}).plan.is_plan());
  }

  TEST_CASE("an answer may be given up for another one where retries or rivals are asked for") {
    CHECK_FALSE(parsed({"--retry", "0", "u"}).plan.repeats());
    CHECK_FALSE(parsed({"--attempt-timeout", "1", "u"}).plan.repeats());
    CHECK(parsed({"--retry", "1", "u"}).plan.repeats());
    CHECK(parsed({"--race", "50ms", "u"}).plan.repeats());
  }

  TEST_CASE("--retry-on takes statuses, classes, ranges and words") {
    const RetryOn reasons = *parse_retry_on("404,5xx,410-412,connect");
    for (const int status : {404, 500, 599, 410, 412}) CHECK(reasons.covers(status));
    for (const int status : {200, 403, 413, 429, 600}) CHECK_FALSE(reasons.covers(status));
    CHECK(reasons.covers(Error::Code::connect_refused));
    CHECK_FALSE(reasons.covers(Error::Code::empty_reply));
  }

  TEST_CASE("each word of --retry-on stands for errors of its kind and no others") {
    using enum Error::Code;
    struct Row {
      std::string_view word;
      std::vector<Error::Code> covered;
      std::vector<Error::Code> others;
    };
    const std::vector<Row> rows = {
        {"connect",
         {connect_refused, connect_unreachable, connect_timeout, proxy_failed, tls_closed},
         {dns_not_found, tls_handshake, empty_reply, response_timeout}},
        {"timeout",
         {attempt_timeout, response_timeout, connect_timeout, dns_timeout},
         {connect_refused, empty_reply}},
        {"reset",
         {empty_reply, receive_failed, head_cut, body_cut, send_failed},
         {not_http, response_timeout, connect_refused}},
        {"dns", {dns_not_found, dns_temporary, dns_failed, dns_timeout}, {connect_refused}},
        {"transient", {attempt_timeout, connect_refused, empty_reply}, {cert_expired, not_http}},
        {"any", {cert_expired, not_http, dns_not_found}, {}}};
    for (const Row& row : rows) {
      const RetryOn reasons = *parse_retry_on(row.word);
      CAPTURE(row.word);
      for (const Error::Code code : row.covered) CHECK(reasons.covers(code));
      for (const Error::Code code : row.others) CHECK_FALSE(reasons.covers(code));
    }
    CHECK(parse_retry_on("any")->covers(404));
    CHECK_FALSE(parse_retry_on("any")->covers(399));
    CHECK_FALSE(parse_retry_on("transient")->covers(503));
  }

  TEST_CASE("--backoff takes one time or two") {
    CHECK(parse_backoff("50ms..1s")->least == milliseconds(50));
    CHECK(parse_backoff("50ms..1s")->most == seconds(1));
    CHECK(parse_backoff("2")->least == seconds(2));
    CHECK_FALSE(parse_backoff("0")->most.has_value());
    CHECK(parse_backoff("0")->least == Duration{});
  }

  TEST_CASE("--race takes times or a percentile") {
    CHECK(parse_race("50ms,0.1")->delays ==
          std::vector<Duration>{milliseconds(50), milliseconds(100)});
    CHECK(parse_race("p95")->percentile == 0.95);
    CHECK(parse_race("p99.9")->delays.empty());
  }

  TEST_CASE("--breaker takes failures and a time") {
    CHECK(parse_breaker("5/30")->failures == 5);
    CHECK(parse_breaker("5/30")->within == seconds(30));
    CHECK(parse_breaker("3/500ms")->within == milliseconds(500));
  }

  TEST_CASE("--retry-after takes no value") {
    CHECK_FALSE(parsed({"--retry", "1", "u"}).plan.honours_retry_after);
    CHECK(parsed({"--retry", "1", "--retry-after", "u"}).plan.honours_retry_after);
    CHECK(refusal({"--retry", "1", "--retry-after=2", "u"}) ==
          "xtrace get --retry-after takes no value");
  }

  TEST_CASE("--metrics goes to stdout, a file or a server") {
    using Kind = MetricsTarget::Kind;
    CHECK(parse_metrics_target("prom")->kind == Kind::standard_output);
    CHECK(parse_metrics_target("prom:-")->kind == Kind::standard_output);
    CHECK(parse_metrics_target("prom:./-")->path == "./-");
    CHECK(parse_metrics_target("prom:/run/x.prom")->path == "/run/x.prom");
    const MetricsTarget server = *parse_metrics_target("statsd://localhost:8125");
    CHECK(server.kind == Kind::statsd);
    CHECK(server.server.to_string() == "localhost:8125");
    CHECK(parsed({"u"}).metrics.kind == Kind::none);
  }

  TEST_CASE("a value that makes no sense is refused in one sentence") {
    struct Row {
      std::string_view flag;
      std::string_view value;
      std::string_view reason;
    };
    constexpr auto kRows = std::to_array<Row>({
        {"--retry", "-1", "\"-1\" is not a whole number from 0 to 1000"},
        {"--retry", "1001", "\"1001\" is not a whole number from 0 to 1000"},
        {"--retry", "99999999999", "\"99999999999\" is not a whole number from 0 to 1000"},
        {"--race", "p0", "\"p0\" is not a percentile such as p95 or p99.9"},
        {"--race", "p100", "\"p100\" is not a percentile such as p95 or p99.9"},
        {"--race", "soon", "\"soon\" is not a time such as 2, 1.5s, 200ms or 1m"},
        {"--breaker", "5", "\"5\" is not FAILURES/TIME, as in 5/30s"},
        {"--breaker", "0/30", "\"0\" is not a whole number from 1 on"},
        {"--breaker", "5/0", "\"5/0\" leaves no time for failures"},
        {"--pool", "0", "\"0\" is not a whole number from 1 on"},
        {"--target-id", "", "the value is not a text of 1 to 200 bytes without control characters"},
        {"--metrics", "prom:", "\"prom:\" is not prom, prom:FILE or statsd://HOST:PORT"},
        {"--metrics", "statsd://", "\"statsd://\" is not prom, prom:FILE or statsd://HOST:PORT"},
    });
    for (const Row& row : kRows) {
      CHECK(refusal({row.flag, row.value, "u"}) ==
            "xtrace get " + std::string(row.flag) + ": " + std::string(row.reason));
    }
    CHECK(refusal({"--retry", "1", "--backoff", "1s..50ms", "u"}) ==
          "xtrace get --backoff: \"1s..50ms\" is not SHORTEST..LONGEST, as in 50ms..1s");
    CHECK(refusal({"--retry", "1", "--backoff", "0..1s", "u"}) ==
          "xtrace get --backoff: \"0..1s\" is not SHORTEST..LONGEST, as in 50ms..1s");
    CHECK(refusal({"--retry", "1", "--retry-on", "503,dsn", "u"}) ==
          "xtrace get --retry-on: \"dsn\" is not one of connect, timeout, reset, dns, transient or "
          "any, nor a status such as 503, 5xx or 500-504");
  }

  TEST_CASE("what has no effect alone is refused where it is typed") {
    CHECK(refusal({"--backoff", "0", "u"}) ==
          "xtrace get takes --backoff only together with --retry");
    CHECK(refusal({"--retry-after", "u"}) ==
          "xtrace get takes --retry-after only together with --retry");
    CHECK(refusal({"--repeat-any-method", "u"}) ==
          "xtrace get takes --repeat-any-method only together with --retry or --race");
    CHECK(refusal({"--race", "p95", "u"}).starts_with("xtrace get takes --race with a percentile"));
    CHECK(refusal({"--race", "p95", "-n", "9", "u"}).empty());
  }
}

}  // namespace plan_options_test
