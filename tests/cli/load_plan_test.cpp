#include "cli/load_plan.h"

#include <vector>

#include <doctest/doctest.h>

namespace load_plan_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::milliseconds;
using Kind = LoadPlan::Step::Kind;

namespace {

constexpr Tick kBegin{std::chrono::hours(1)};

Tick at(int ms) {
  return kBegin + milliseconds(ms);
}

RepeatOptions times(std::uint64_t requests, std::size_t concurrency = 1) {
  RepeatOptions options;
  options.requests = requests;
  options.concurrency = concurrency;
  return options;
}

/// How many start at that moment, one after the other.
int start_all(LoadPlan& plan, Tick present) {
  int started = 0;
  while (plan.next(present).kind == Kind::start) ++started;
  return started;
}

}  // namespace

TEST_SUITE("cli/load_plan") {
  TEST_CASE("a closed loop keeps as many in flight as asked and starts one for each that ends") {
    LoadPlan plan(times(5, 2), kBegin);
    CHECK(start_all(plan, at(0)) == 2);
    CHECK(plan.next(at(1)).kind == Kind::wait);
    plan.on_end(at(10));
    const LoadPlan::Step step = plan.next(at(10));
    CHECK(step.kind == Kind::start);
    CHECK(step.due == at(10));
    plan.on_end(at(20));
    plan.on_end(at(20));
    CHECK(start_all(plan, at(20)) == 2);
    plan.on_end(at(30));
    CHECK(plan.next(at(30)).kind == Kind::wait);
    plan.on_end(at(31));
    CHECK(plan.next(at(31)).kind == Kind::done);
    CHECK(plan.started() == 5);
  }

  TEST_CASE("no more are in flight than there are requests") {
    LoadPlan plan(times(3, 100), kBegin);
    CHECK(start_all(plan, at(0)) == 3);
  }

  TEST_CASE("each of those in flight pauses after its request") {
    RepeatOptions options = times(10, 2);
    options.interval = milliseconds(5);
    LoadPlan plan(options, kBegin);
    CHECK(start_all(plan, at(0)) == 2);
    plan.on_end(at(10));
    plan.on_end(at(12));
    CHECK(plan.next(at(12)).kind == Kind::wait_until);
    CHECK(plan.next(at(12)).due == at(15));
    CHECK(start_all(plan, at(15)) == 1);
    CHECK(start_all(plan, at(16)) == 0);
    CHECK(start_all(plan, at(17)) == 1);
  }

  TEST_CASE("an open loop starts by the clock whatever became of the requests before") {
    RepeatOptions options = times(100, 10);
    options.rate = 100;
    LoadPlan plan(options, kBegin);
    CHECK(start_all(plan, at(0)) == 1);
    CHECK(plan.next(at(0)).kind == Kind::wait_until);
    CHECK(plan.next(at(0)).due == at(10));
    CHECK(start_all(plan, at(10)) == 1);
    CHECK(start_all(plan, at(45)) == 3);
    CHECK(plan.in_flight() == 5);
  }

  TEST_CASE("a request that had to wait for its place is due when the schedule said") {
    RepeatOptions options = times(100, 1);
    options.rate = 100;
    LoadPlan plan(options, kBegin);
    CHECK(plan.next(at(0)).due == at(0));
    CHECK(plan.next(at(35)).kind == Kind::wait);
    plan.on_end(at(35));
    for (const int due : {10, 20, 30}) {
      const LoadPlan::Step step = plan.next(at(36));
      CHECK(step.kind == Kind::start);
      CHECK(step.due == at(due));
      plan.on_end(at(36));
    }
    CHECK(plan.next(at(36)).due == at(40));
  }

  TEST_CASE("a schedule does not drift over a day") {
    RepeatOptions options;
    options.rate = 3;
    options.duration = std::chrono::hours(24);
    LoadPlan plan(options, kBegin);
    for (int i = 0; i < 3 * 86'400 - 1; ++i) {
      REQUIRE(plan.next(kBegin + std::chrono::hours(23)).kind == Kind::start);
      plan.on_end(kBegin);
      if (i == 3 * 80'000) break;
    }
    const LoadPlan::Step step = plan.next(kBegin + std::chrono::hours(23));
    CHECK(step.due - kBegin == std::chrono::seconds(80'000) + Duration(333'333'333));
  }

  TEST_CASE("a duration ends the starting, and what it leaves out is known") {
    RepeatOptions options;
    options.concurrency = 1;
    options.rate = 100;
    options.duration = milliseconds(100);
    LoadPlan plan(options, kBegin);
    CHECK(start_all(plan, at(0)) == 1);
    CHECK(plan.next(at(100)).kind == Kind::wait);
    CHECK(plan.missed(at(100)) == 9);
    plan.on_end(at(120));
    CHECK(plan.next(at(120)).kind == Kind::done);
    CHECK(plan.missed(at(500)) == 9);
  }

  TEST_CASE("a schedule whose every request started has missed none, however late it ends") {
    RepeatOptions options = times(5, 1);
    options.rate = 100;
    LoadPlan plan(options, kBegin);
    for (int i = 0; i < 5; ++i) {
      REQUIRE(plan.next(at(1000)).kind == Kind::start);
      plan.on_end(at(1000));
    }
    CHECK(plan.next(at(1000)).kind == Kind::done);
    CHECK(plan.missed(at(5000)) == 0);
  }

  TEST_CASE("a wait ends with the duration") {
    RepeatOptions options;
    options.rate = 1;
    options.duration = milliseconds(100);
    LoadPlan plan(options, kBegin);
    CHECK(start_all(plan, at(0)) == 1);
    plan.on_end(at(1));
    CHECK(plan.next(at(1)).kind == Kind::wait_until);
    CHECK(plan.next(at(1)).due == at(100));
    CHECK(plan.next(at(100)).kind == Kind::done);
    CHECK(plan.missed(at(100)) == 0);
  }

  TEST_CASE("of a number and a duration the first reached counts") {
    RepeatOptions options = times(2, 1);
    options.duration = milliseconds(100);
    LoadPlan plan(options, kBegin);
    for (const int ms : {0, 10}) {
      CHECK(plan.next(at(ms)).kind == Kind::start);
      plan.on_end(at(ms + 5));
    }
    CHECK(plan.next(at(20)).kind == Kind::done);
  }

  TEST_CASE("the warm-up ends before what counts begins, and the clock begins there") {
    RepeatOptions options = times(2, 2);
    options.warmup = 3;
    options.duration = milliseconds(100);
    LoadPlan plan(options, kBegin);
    CHECK(plan.next(at(0)).is_warmup);
    CHECK(plan.next(at(0)).is_warmup);
    plan.on_end(at(200));
    CHECK(plan.next(at(200)).is_warmup);
    plan.on_end(at(210));
    CHECK(plan.next(at(210)).kind == Kind::wait);
    CHECK(plan.deadline() == Tick::max());
    plan.on_end(at(220));
    const LoadPlan::Step step = plan.next(at(220));
    CHECK(step.kind == Kind::start);
    CHECK_FALSE(step.is_warmup);
    CHECK(plan.begin() == at(220));
    CHECK(plan.deadline() == at(320));
    CHECK(plan.started() == 1);
  }

  TEST_CASE("a plan that is stopped starts nothing and is done when nothing is in flight") {
    LoadPlan plan(times(10, 2), kBegin);
    CHECK(start_all(plan, at(0)) == 2);
    plan.stop();
    CHECK(plan.next(at(1)).kind == Kind::wait);
    plan.on_end(at(2));
    plan.on_end(at(2));
    CHECK(plan.next(at(2)).kind == Kind::done);
  }
}

TEST_SUITE("cli/repeat_options") {
  TEST_CASE("a rate is a number for each second, minute or hour") {
    CHECK(*parse_request_rate("50") == 50);
    CHECK(*parse_request_rate("50/s") == 50);
    CHECK(*parse_request_rate("3000/m") == 50);
    CHECK(*parse_request_rate("1800/h") == 0.5);
    CHECK(*parse_request_rate("0.5") == 0.5);
    for (const char* text : {"", "0", "-1", "fast", "5/d", "5/", "/s", "nan", "inf", "1e9"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_request_rate(text));
    }
  }

  TEST_CASE("a count is a whole number from 1 on") {
    CHECK(*parse_count("7", 10) == 7);
    for (const char* text : {"", "0", "-1", "1.5", "1k", "11"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_count(text, 10));
    }
  }

  TEST_CASE("the flags of a run need to know when it ends") {
    RepeatOptions options;
    CHECK(find_contradiction(options) == nullptr);
    options.concurrency = 4;
    CHECK(find_contradiction(options) ==
          std::string_view("takes -c only together with -n or --duration"));
    options.duration = milliseconds(1);
    CHECK(find_contradiction(options) == nullptr);
    options.rate = 1;
    options.interval = milliseconds(1);
    CHECK(std::string_view(find_contradiction(options)).starts_with("takes --rate or --interval"));
  }

  TEST_CASE("one request alone is no run") {
    CHECK_FALSE(RepeatOptions{}.is_run());
    CHECK_FALSE(times(1).is_run());
    CHECK(times(2).is_run());
  }
}

}  // namespace load_plan_test
