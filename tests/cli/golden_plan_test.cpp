#include <doctest/doctest.h>

#include "cli/render_csv.h"
#include "cli/report.h"
#include "golden.h"
#include "reports_plan.h"
#include "runs.h"

namespace xtrace::cli::golden_plan_test {

namespace {

using namespace testing;

constexpr Style kPlain{};
constexpr Style kWide{.width = 120};
constexpr Style kNarrow{.width = 40};
constexpr Style kTerminal{.utf8 = true, .width = 100};
constexpr Style kColor{.color = true, .utf8 = true, .width = 100};

void check_pretty(std::string_view name, const Report& report, const Style& style = kPlain) {
  check_golden(name, render_pretty(report, style));
}

}  // namespace

TEST_SUITE("cli/golden_plan") {
  TEST_CASE("pretty draws a retry as two lanes and the wait between them") {
    check_pretty("plan-retried.txt", retried());
    check_pretty("plan-retried-narrow.txt", retried(), kNarrow);
  }

  TEST_CASE("pretty draws rivals side by side, with pool and breaker below") {
    check_pretty("plan-raced.txt", raced());
    check_pretty("plan-raced-wide.txt", raced(), kWide);
    check_pretty("plan-raced-narrow.txt", raced(), kNarrow);
    check_pretty("plan-raced-utf8.txt", raced(), kTerminal);
    check_pretty("plan-raced-color.txt", raced(), kColor);
  }

  TEST_CASE("pretty draws the racing example: five attempts in three waves") {
    check_pretty("plan-racing-example.txt", racing_example());
    check_pretty("plan-racing-example-utf8.txt", racing_example(), kTerminal);
    check_pretty("plan-racing-example-narrow.txt", racing_example(), kNarrow);
  }

  TEST_CASE("pretty says in one sentence that an open breaker let nothing through") {
    check_pretty("plan-refused.txt", refused_by_breaker());
    check_pretty("plan-refused-narrow.txt", refused_by_breaker(), kNarrow);
  }

  TEST_CASE("pretty draws failures of all attempts and what cut them off") {
    check_pretty("plan-cut-off.txt", cut_off_each_time());
    check_pretty("plan-never-connected.txt", never_connected());
    check_pretty("plan-interrupted.txt", interrupted_race());
  }

  TEST_CASE("pretty says why it was not tried again") {
    check_pretty("plan-not-repeated.txt", not_repeated());
    check_pretty("plan-budget.txt", out_of_budget());
    check_pretty("plan-breaker.txt", stopped_by_breaker());
    check_pretty("plan-between.txt", timed_out_between());
  }

  TEST_CASE("pretty draws a rival that waits for a connection of the pool") {
    check_pretty("plan-queued.txt", queued_rival());
  }

  TEST_CASE("pretty marks the redirects inside an attempt") {
    check_pretty("plan-redirected.txt", redirected_in_attempts());
  }

  TEST_CASE("pretty draws a single attempt as if there was no plan, and pool and breaker") {
    check_pretty("plan-single.txt", planned());
  }

  TEST_CASE("json tells attempts, waits and decisions") {
    check_golden("json-plan-racing-example.txt", render_json(racing_example()));
    check_golden("json-plan-breaker.txt", render_json(stopped_by_breaker()));
    check_golden("json-plan-refused.txt", render_json(refused_by_breaker()));
  }

  TEST_CASE("compact, classic and csv show the attempt that the plan ended with") {
    check_golden("compact-plan.txt", render_compact(raced(), kPlain));
    check_golden("compact-plan-refused.txt", render_compact(refused_by_breaker(), kPlain));
    check_golden("compact-plan-redirected.txt", render_compact(redirected_in_attempts(), kPlain));
    check_golden("classic-plan.txt", render_classic(raced(), kPlain));
    check_golden("csv-plan.txt", render_csv(raced()));
  }

  TEST_CASE("a run tells what its plans did") {
    const RunReport report = with_plan(fifty_requests());
    check_golden("run-pretty-plan.txt", render_pretty(report, kPlain));
    check_golden("run-compact-plan.txt", render_compact(report, kPlain));
    check_golden("run-json-plan.txt", render_json(report));
  }
}

}  // namespace xtrace::cli::golden_plan_test
