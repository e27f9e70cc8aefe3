#include "cli/plan_verdict.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "plan_parts.h"
#include "reports_plan.h"

namespace xtrace::cli::plan_verdict_test {

namespace {

using namespace testing;

/// Whether the verdict of `report` has `words`.
bool says(const Report& report, std::string_view words) {
  const std::string verdict = draw_verdict(report, {.width = 200});
  INFO(verdict);
  return verdict.find(words) != std::string::npos;
}

Error interruption(Phase phase) {
  return {Error::Code::cancelled, phase, "cancelled by the caller"};
}

}  // namespace

TEST_SUITE("cli/plan_verdict") {
  TEST_CASE("only attempts that sent are sends") {
    CHECK(says(retried(), " after 2 sends "));
    CHECK(says(never_connected(), " after 3 attempts "));
    CHECK(says(queued_rival(), " after 2 attempts (1 sent) "));
    CHECK(says(timed_out_between(), " after 1 send "));
  }

  TEST_CASE("nobody wins with an answer that was to be tried again") {
    CHECK(says(lasting(), "404 Not Found after 2 sends   total "));
    CHECK(!says(lasting(), "won"));
  }

  TEST_CASE("the limit of the attempts is told, as that of all is") {
    CHECK(says(cut_off_each_time(), "for the first byte (limit 100ms for each) after "));
    CHECK(says(timed_out_between(), " (limit 1s for all) after "));
    Report report = cut_off_each_time();
    for (AttemptReport& attempt : report.legs.front().attempts) attempt.limit.reset();
    CHECK(says(report, "TIMED OUT waiting for the first byte after "));
  }

  TEST_CASE("what was interrupted is what an attempt did, or the pause between two") {
    CHECK(says(interrupted_race(), "INTERRUPTED waiting for the first byte after "));
    Report report = interrupted_race();
    report.error = interruption(Phase::none);
    CHECK(says(report, "INTERRUPTED waiting for the first byte after "));
    report.legs.front().attempts.front().timeline.error = interruption(Phase::body);
    CHECK(says(report, "INTERRUPTED receiving the body after "));
    report = retried();
    report.error = interruption(Phase::none);
    CHECK(says(report, "INTERRUPTED between attempts after "));
  }
}

}  // namespace xtrace::cli::plan_verdict_test
