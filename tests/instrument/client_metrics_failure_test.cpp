#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/client_metrics.h>

#include "client_metrics_literals.h"
#include "support/recording_sink.h"

namespace xtrace::testing::client_metrics_failure_test {
namespace {

using Names = std::vector<std::string>;

const std::string kToolkit = "toolkit.http.client.";

struct FailureFixture {
  RecordingSink sink;
  ClientMetrics metrics{sink, {.with_client_trace_metrics = true}};
  Url url = Url::parse("https://shop.example/").value();

  void record(const Timeline& timeline, int status = 0) {
    metrics.record("shop", "GET", url, exchange_of(timeline, status));
  }
  /// What was recorded, without the tags that say nothing here, and its only value.
  Names recorded() const {
    Names found;
    for (const std::string& key : sink.recorded(kToolkit)) {
      std::string text = key.substr(kToolkit.size(), key.find(".time") - kToolkit.size());
      const std::size_t status = key.find("status=");
      if (status != std::string::npos) {
        const std::size_t begin = status + std::string("status=").size();
        text += " " + key.substr(begin, key.find_first_of(",}", begin) - begin);
      }
      found.push_back(text + " " + std::to_string(static_cast<int>(sink.value(key))));
    }
    return found;
  }
};

struct Death {
  const char* where;
  Timeline timeline;
  int status;
  Names recorded;
};

Timeline died_in_pool() {
  Timeline timeline;
  timeline.set(Phase::queue, span(0, 20, Outcome::timeout));
  end_with(timeline, Error::Code::pool_timeout, Phase::queue, 20);
  return timeline;
}

Timeline died_before_lookup() {
  Timeline timeline;
  timeline.set(Phase::queue, span(0, 1));
  timeline.set(Phase::dns_wait, span(1, 9, Outcome::timeout));
  timeline.set(Phase::connect, span(1, 9, Outcome::timeout));
  end_with(timeline, Error::Code::dns_timeout, Phase::dns_wait, 9);
  return timeline;
}

Timeline died_in_lookup(Outcome outcome) {
  Timeline timeline;
  timeline.set(Phase::queue, span(0, 1));
  timeline.set(Phase::dns_wait, span(1, 2));
  timeline.set(Phase::dns, span(2, 8, outcome));
  timeline.set(Phase::connect, span(1, 9, outcome));
  const bool is_late = outcome == Outcome::timeout;
  end_with(timeline, is_late ? Error::Code::dns_timeout : Error::Code::dns_not_found, Phase::dns,
           9);
  return timeline;
}

Timeline died_dialling(Outcome outcome) {
  Timeline timeline = connected();
  timeline.forget(Phase::tls);
  timeline.dials[0].span = span(5, 12, outcome);
  timeline.set(Phase::connect, span(1, 12, outcome));
  const bool is_late = outcome == Outcome::timeout;
  end_with(timeline, is_late ? Error::Code::connect_timeout : Error::Code::connect_refused,
           Phase::dial, 12);
  return timeline;
}

Timeline died_shaking_hands(Outcome outcome) {
  Timeline timeline = connected();
  timeline.set(Phase::tls, span(12, 30, outcome));
  timeline.set(Phase::connect, span(1, 30, outcome));
  const bool is_late = outcome == Outcome::timeout;
  end_with(timeline, is_late ? Error::Code::tls_timeout : Error::Code::cert_expired, Phase::tls,
           30);
  return timeline;
}

Timeline died_writing(Outcome outcome) {
  Timeline timeline = lent();
  timeline.set(Phase::request, span(4, 35, outcome));
  const bool is_late = outcome == Outcome::timeout;
  end_with(timeline, is_late ? Error::Code::send_stalled : Error::Code::send_failed, Phase::request,
           35);
  return timeline;
}

Timeline died_waiting(Error::Code code, Outcome outcome) {
  Timeline timeline = lent();
  timeline.set(Phase::request, span(4, 35));
  timeline.set(Phase::response, span(35, 60, outcome));
  end_with(timeline, code, Phase::response, 60);
  return timeline;
}

Timeline died_in_head() {
  Timeline timeline = answered(lent());
  timeline.head_read.reset();
  timeline.set(Phase::body, span(50, 70, Outcome::error));
  end_with(timeline, Error::Code::headers_too_large, Phase::body, 70);
  return timeline;
}

Timeline died_in_body(Error::Code code, Outcome outcome) {
  Timeline timeline = answered(lent());
  timeline.set(Phase::body, span(50, 70, outcome));
  end_with(timeline, code, Phase::body, 70);
  return timeline;
}

std::vector<Death> deaths() {
  using enum Outcome;
  using enum Error::Code;
  return {
      {"pool", died_in_pool(), 0, {"request timeout 20"}},
      {"before the lookup", died_before_lookup(), 0, {"request timeout 9"}},
      {"lookup", died_in_lookup(error), 0, {"dns error 6", "request error 9"}},
      {"lookup", died_in_lookup(timeout), 0, {"dns timeout 6", "request timeout 9"}},
      {"dial", died_dialling(error), 0, {"dns ok 3", "request error 12", "tcp_connect error 7"}},
      {"dial",
       died_dialling(timeout),
       0,
       {"dns ok 3", "request timeout 12", "tcp_connect timeout 7"}},
      {"handshake",
       died_shaking_hands(error),
       0,
       {"dns ok 3", "request error 30", "tcp_connect ok 7", "tls_handshake error 18"}},
      {"handshake",
       died_shaking_hands(timeout),
       0,
       {"dns ok 3", "request timeout 30", "tcp_connect ok 7", "tls_handshake timeout 18"}},
      {"upload",
       died_writing(error),
       0,
       {"got_connection 4", "request error 35", "request_written error 35"}},
      {"upload",
       died_writing(timeout),
       0,
       {"got_connection 4", "request timeout 35", "request_written timeout 35"}},
      {"answer",
       died_waiting(empty_reply, error),
       0,
       {"got_connection 4", "request error 60", "request_written ok 35"}},
      {"answer",
       died_waiting(response_timeout, timeout),
       0,
       {"got_connection 4", "request timeout 60", "request_written ok 35"}},
      {"answer, by the plan's limit",
       died_waiting(attempt_timeout, timeout),
       0,
       {"got_connection 4", "request timeout 60", "request_written ok 35"}},
      {"head",
       died_in_head(),
       0,
       {"got_connection 4", "request error 70", "request_written ok 35", "response_first_byte 50"}},
      {"body",
       died_in_body(body_cut, error),
       200,
       {"got_connection 4", "request 200 53", "request_written ok 35", "response_first_byte 50",
        "response_fully_read error 70"}},
      {"body",
       died_in_body(call_timeout, timeout),
       404,
       {"got_connection 4", "request 404 53", "request_written ok 35", "response_first_byte 50",
        "response_fully_read timeout 70"}},
  };
}

TEST_SUITE("instrument/client_metrics_failure") {
  TEST_CASE("the phase a request died in has its status, and what would have followed has none") {
    for (const Death& death : deaths()) {
      CAPTURE(death.where);
      FailureFixture fixture;
      fixture.record(death.timeline, death.status);
      CHECK(fixture.recorded() == death.recorded);
      CHECK(fixture.sink.recorded("xtrace.").empty());
    }
  }

  TEST_CASE_FIXTURE(FailureFixture, "the class of a failure is error, also of one that was late") {
    record(died_in_pool());
    record(died_in_body(Error::Code::body_cut, Outcome::error), 200);
    const std::string key = kToolkit + "request.time{method=GET,reused=";
    CHECK(sink.has(key + "false,status=timeout,status_class=error,target_id=shop}"));
    CHECK(sink.has(key + "true,status=200,status_class=2xx,target_id=shop}"));
    CHECK(sink.has(kToolkit + "response_fully_read.time{method=GET,reused=true,status=error,"
                              "status_class=error,target_id=shop}"));
  }

  TEST_CASE_FIXTURE(FailureFixture,
                    "a request that was given up is counted, and no time invented") {
    const struct {
      Error::Code code;
      const char* reason;
    } kReasons[] = {{Error::Code::cancelled, "cancelled"}, {Error::Code::redundant, "redundant"}};
    for (const auto& c : kReasons) {
      CAPTURE(c.reason);
      FailureFixture fixture;
      fixture.record(died_waiting(c.code, Outcome::abandoned));
      CHECK(fixture.recorded() == Names{"got_connection 4", "request_written ok 35"});
      const std::string key =
          std::string("xtrace.requests.abandoned{reason=") + c.reason + ",target_id=shop}";
      CHECK(fixture.sink.value(key) == 1);
      CHECK(fixture.sink.info(key).kind == MetricInfo::Kind::counter);
    }
  }

  TEST_CASE_FIXTURE(FailureFixture, "a phase that was given up has no time") {
    Timeline timeline = connected();
    timeline.set(Phase::tls, span(12, 30, Outcome::abandoned));
    timeline.set(Phase::connect, span(1, 30, Outcome::abandoned));
    end_with(timeline, Error::Code::redundant, Phase::tls, 30);
    record(timeline);
    CHECK(recorded() == Names{"dns ok 3", "tcp_connect ok 7"});
  }

  TEST_CASE_FIXTURE(FailureFixture, "a head that had been read is measured, its body given up") {
    record(died_in_body(Error::Code::redundant, Outcome::abandoned), 200);
    CHECK(recorded() == Names{"got_connection 4", "request 200 53", "request_written ok 35",
                              "response_first_byte 50"});
    CHECK(sink.value("xtrace.requests.abandoned{reason=redundant,target_id=shop}") == 1);
  }

  TEST_CASE_FIXTURE(FailureFixture,
                    "a redirect that is not followed is an answer read to its end") {
    Exchange exchange = exchange_of(answered(lent()), 302);
    exchange.error = Error{Error::Code::too_many_redirects, Phase::body, "too many redirects"};
    metrics.record("shop", "GET", url, exchange);
    CHECK(recorded() == Names{"got_connection 4", "request 302 53", "request_written ok 35",
                              "response_first_byte 50", "response_fully_read 302 80"});
  }

  TEST_CASE_FIXTURE(FailureFixture, "each physical request is measured with its own tags") {
    Timeline stale = died_waiting(Error::Code::empty_reply, Outcome::error);
    Exchange exchange = exchange_of(answered(connected()), 200);
    exchange.past.push_back({.reason = PastAttempt::Reason::redirected,
                             .method = "POST",
                             .url = url,
                             .response = Response{.status = 303},
                             .timeline = answered(connected())});
    exchange.past.push_back({.reason = PastAttempt::Reason::stale_connection,
                             .method = "GET",
                             .url = Url::parse("https://cdn.example/").value(),
                             .timeline = stale});
    SUBCASE("led on") {
      exchange.led_to.emplace("GET", Url::parse("https://cdn.example/").value());
    }
    SUBCASE("sent again") {}
    metrics.record({}, "POST", url, exchange);
    const std::string key = kToolkit + "request.time{method=";
    CHECK(sink.has(key +
                   "POST,reused=false,status=303,status_class=3xx,target_id=shop.example:443}"));
    CHECK(sink.has(key +
                   "GET,reused=true,status=error,status_class=error,target_id=cdn.example:443}"));
    CHECK(
        sink.has(key + "GET,reused=false,status=200,status_class=2xx,target_id=cdn.example:443}"));
    CHECK(sink.recorded(kToolkit + "request.time").size() == 3);
  }
}

}  // namespace
}  // namespace xtrace::testing::client_metrics_failure_test
