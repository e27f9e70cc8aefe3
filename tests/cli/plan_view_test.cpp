#include "cli/plan_view.h"

#include <doctest/doctest.h>

#include "report_parts.h"
#include "reports.h"
#include "reports_plan.h"

namespace xtrace::cli::plan_view_test {

namespace {

using namespace testing;

}  // namespace

TEST_SUITE("cli/plan_view") {
  TEST_CASE("requests of all legs come together as attempts, in the order they were sent") {
    const Report report = redirected_in_attempts();
    const auto views = view_attempts(report);
    REQUIRE(views.size() == 2);
    CHECK(views[0].requests.size() == 2);
    CHECK(views[0].requests[0]->superseded == PastAttempt::Reason::redirected);
    CHECK(views[0].status() == 502);
    CHECK(views[0].begin == Duration{});
    CHECK(views[0].end == tenths(1302));
    CHECK(views[0].is_retried());
    CHECK(views[1].begin == tenths(2300));
    CHECK(views[1].end == tenths(3600));
    CHECK_FALSE(views[1].is_retried());
  }

  TEST_CASE("the final request is the winner's last, not the last that was sent") {
    Report report = raced();
    CHECK(final_request(report).request->index == 2);
    report.plan->winner = 0;
    CHECK(final_request(report).request->index == 0);
    const Report led_on = redirected_in_attempts();
    const FinalRequest last = final_request(led_on);
    CHECK(last.leg == &led_on.legs.back());
    CHECK(last.request->response->status == 200);
  }

  TEST_CASE("where nothing was sent there is no final request") {
    const Report report = refused_by_breaker();
    CHECK(final_request(report).request == nullptr);
    CHECK(only_final_attempt(report).legs.empty());
    CHECK(view_attempts(report).empty());
  }

  TEST_CASE("without a plan the final request is the last one") {
    const Report report = redirected();
    CHECK(final_request(report).leg == &report.legs.back());
    CHECK(final_request(report).request == &report.legs.back().attempts.back());
  }

  TEST_CASE("an attempt alone is a report without a plan") {
    const Report alone = only_final_attempt(redirected_in_attempts());
    CHECK_FALSE(alone.plan);
    REQUIRE(alone.legs.size() == 2);
    CHECK(alone.legs[0].attempts.size() == 1);
    CHECK(alone.legs[1].attempts.front().index == 0);
    CHECK(alone.total() == tenths(1300));
    CHECK(only_attempt(raced(), 1).legs.front().attempts.front().redundant);
  }
}

}  // namespace xtrace::cli::plan_view_test
