#include "cli/rows.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "report_parts.h"
#include "reports.h"

namespace xtrace::cli::rows_test {

namespace {

using namespace testing;

std::vector<Row> rows_of(const Report& report) {
  const AttemptReport& attempt = report.legs.front().attempts.front();
  const Scale scale = make_scale(attempt.timeline.total, Style::Unit::automatic);
  return make_rows(attempt, break_down(attempt.timeline, scale), Style{});
}

const Row& row_of(const std::vector<Row>& rows, Phase phase) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [phase](const Row& row) { return row.phase == phase; });
  REQUIRE(found != rows.end());
  return *found;
}

}  // namespace

TEST_SUITE("cli/rows") {
  TEST_CASE(
      "a phase that ended well and then turned out to be wrong is marked as the failing one") {
    Report report = plain_http();
    timeline_of(report).error = Error{Error::Code::not_http, Phase::response, "not HTTP"};
    const auto rows = rows_of(report);
    CHECK(row_of(rows, Phase::response).is_fault);
    CHECK(row_of(rows, Phase::response).words == "not http");
    CHECK_FALSE(row_of(rows, Phase::body).is_fault);
  }

  TEST_CASE("a refused dial does not hide the phase that failed later") {
    Report report = refused_ipv6();
    timeline_of(report).error = Error{Error::Code::body_invalid, Phase::body, "bad chunk"};
    CHECK(row_of(rows_of(report), Phase::body).is_fault);
  }

  TEST_CASE("an error outside the drawn phases marks no row") {
    for (const Phase phase : {Phase::none, Phase::connect}) {
      Report report = plain_http();
      timeline_of(report).error = Error{Error::Code::system, phase, "out of descriptors"};
      for (const Row& row : rows_of(report)) CHECK_FALSE(row.is_fault);
    }
  }

  TEST_CASE("a wait that timed out after an interim response does not claim silence") {
    Report report = timed_out_response();
    CHECK(row_of(rows_of(report), Phase::response).words == "no byte from the server");
    timeline_of(report).interims[0] = {103, tenths(4000)};
    timeline_of(report).interim_count = 1;
    CHECK(row_of(rows_of(report), Phase::response).words == "no final answer");
  }

  TEST_CASE("the queue and a wait for a thread have a row when they print as more than zero") {
    const auto has = [](const Report& report, Phase phase) {
      const auto rows = rows_of(report);
      return std::any_of(rows.begin(), rows.end(),
                         [phase](const Row& row) { return row.phase == phase; });
    };
    CHECK(has(strained(), Phase::queue));
    CHECK(has(strained(), Phase::dns_wait));
    CHECK_FALSE(has(reused_connection(), Phase::queue));
  }

  TEST_CASE("dials tell their families only when there is more than one") {
    CHECK(row_of(rows_of(plain_http()), Phase::dial).label == "tcp");
    CHECK(row_of(rows_of(plain_http()), Phase::dial).subject.empty());
    CHECK(row_of(rows_of(silent_ipv6()), Phase::dial).label == "tcp v6");
    CHECK(row_of(rows_of(unix_socket()), Phase::dial).label == "unix");
  }

  TEST_CASE("an early answer has no row for the wait") {
    for (const Row& row : rows_of(early_response())) CHECK(row.phase != Phase::response);
  }
}

}  // namespace xtrace::cli::rows_test
