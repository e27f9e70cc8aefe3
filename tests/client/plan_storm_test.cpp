/// Plans of every kind against servers of every kind, by chance: nothing is lost, told twice or out
/// of order.

#include <random>

#include <xtrace/plan_client.h>

#include "plan_fixture.h"

namespace xtrace::testing::plan_storm_test {
namespace {

/// What one execution tells, held against the order of facts A4 as it comes.
class Witness {
 public:
  PlanHandlers handlers() {
    PlanHandlers on;
    on.before_execution_start.emplace_back([this](const Execution& e) {
      CHECK(state_ == State::fresh);
      CHECK(e.attempts.empty());
      state_ = State::between;
    });
    on.before_attempt.emplace_back([this](const Execution& e) { begin(e); });
    on.before_read_body.emplace_back([this](const Execution& e) {
      CHECK(of(e) == Step::begun);
      CHECK(e.current().response() != nullptr);
      steps_[static_cast<std::size_t>(e.attempt)] = Step::has_head;
    });
    on.after_attempt_timeout.emplace_back([this](const Execution& e) {
      CHECK(of(e) != Step::ended);
      CHECK_FALSE(e.current().is_redundant);
      ++timeouts_;
    });
    on.after_attempt.emplace_back([this](const Execution& e) { end(e); });
    on.wait_started.emplace_back([this](Execution& e, const WaitRecord&) {
      CHECK(e.racing == 0);
      CHECK(state_ == State::between);
      state_ = State::waiting;
    });
    on.wait_ended.emplace_back([this](Execution&, const WaitRecord& wait) {
      CHECK(state_ == State::waiting);
      CHECK(wait.end >= wait.begin);
      state_ = State::between;
    });
    on.after_execution_end.emplace_back([this](const Execution& e) {
      CHECK(state_ == State::between);
      CHECK(e.racing == 0);
      state_ = State::over;
    });
    return on;
  }

  void check_end(const Execution& e) const {
    CHECK(state_ == State::over);
    CHECK(e.total.has_value());
    CHECK(e.attempts.size() == steps_.size());
    CHECK(e.attempt_ends == static_cast<int>(steps_.size()));
    CHECK(e.attempt_timeouts == timeouts_);
    int redundant = 0;
    for (const AttemptRecord& attempt : e.attempts) {
      CHECK(attempt.is_over);
      CHECK(attempt.decision.has_value());
      CHECK((attempt.response() != nullptr || attempt.error() != nullptr));
      if (attempt.is_redundant) ++redundant;
      if (attempt.index > 0)
        CHECK(attempt.wave >= e.attempts[static_cast<std::size_t>(attempt.index) - 1].wave);
      const bool has_body = attempt.response() != nullptr && !attempt.response()->body.empty();
      if (has_body) CHECK(attempt.index == e.attempt);
    }
    if (!e.attempts.empty()) {
      CHECK_FALSE(e.current().is_redundant);
      CHECK(e.current().wave == e.attempts.back().wave);
      CHECK(redundant < static_cast<int>(e.attempts.size()));
      CHECK(static_cast<int>(e.waits.size()) >= e.waves() - 1);
    }
  }

 private:
  enum class State { fresh, between, waiting, over };
  enum class Step { begun, has_head, ended };

  Step of(const Execution& e) const { return steps_.at(static_cast<std::size_t>(e.attempt)); }

  void begin(const Execution& e) {
    CHECK(state_ == State::between);
    CHECK(e.attempt == static_cast<int>(steps_.size()));
    CHECK(e.current().wave == e.wave);
    CHECK(e.request != nullptr);
    steps_.push_back(Step::begun);
    CHECK(e.racing == ++racing_);
  }

  void end(const Execution& e) {
    CHECK(of(e) != Step::ended);
    CHECK(e.racing == racing_--);
    CHECK(e.current().is_over);
    steps_[static_cast<std::size_t>(e.attempt)] = Step::ended;
  }

  State state_ = State::fresh;
  std::vector<Step> steps_;
  int racing_ = 0;
  int timeouts_ = 0;
};

struct Storm : PlanFixture {
  explicit Storm(unsigned seed) : chance(seed) {
    for (int i = 0; i < 60; ++i) script(server.on_connection());
    server.on_connection().expect_head().send(answer_with(200, "ok")).close();
    BreakerConfig breaker{.minimum_calls = 5, .open_for = 5ms};
    if (flip(3)) config.breakers = std::make_shared<CircuitBreakers>(breaker);
    config.budget = {.share = 0.5, .minimum = pick(4)};
    client_config.pool.connections_per_host = static_cast<std::size_t>(pick(3)) * 4;
  }

  int pick(int below) { return static_cast<int>(chance() % static_cast<unsigned>(below)); }
  bool flip(int one_in) { return pick(one_in) == 0; }
  Duration some(int most) { return std::chrono::milliseconds(pick(most + 1)); }

  void script(Script& on) {
    constexpr int kStatuses[] = {200, 200, 503, 429, 500, 404};
    for (int i = 0; i < 3; ++i) {
      on.expect_head();
      if (flip(2)) on.wait(some(15));
      switch (pick(9)) {
        case 0:
          on.close();
          return;
        case 1:
          on.reset();
          return;
        case 2:
          on.silent();
          return;
        case 3:
          on.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal").wait(some(20)).close();
          return;
        case 4:
          on.send("nonsense\r\n\r\n").close();
          return;
        default:
          on.send(answer_with(kStatuses[pick(6)], "body"));
      }
    }
    on.expect_head().send(answer_with(200, "last")).close();
  }

  Plan random_plan(Witness& witness) {
    Plan what = plan("/" + std::to_string(pick(100)));
    what.retry = RetryPolicy{
        .decide = retry_times(pick(5)) && (retry_statuses({429, 503}) || retry_transient()),
        .wait = wait_fixed(some(5))};
    what.timeout = flip(8) ? timeout_fixed(1ms) : timeout_fixed(some(30) + 5ms);
    if (flip(2)) what.race = RacePolicy{.schedule = race_after({some(10), some(10)})};
    if (flip(4)) what.deadline = some(40) + 1ms;
    if (flip(6)) what.request.method = "POST";
    what.handlers = witness.handlers();
    return what;
  }

  std::mt19937 chance;
};

void weather(unsigned seed) {
  CAPTURE(seed);
  Storm storm(seed);
  constexpr std::size_t kPlans = 24;
  std::vector<Witness> witnesses(kPlans);
  std::vector<PlanCall> calls(kPlans);
  std::vector<int> ends(kPlans);
  std::size_t over = 0;
  for (std::size_t i = 0; i < kPlans; ++i) {
    calls[i] = storm.plan_client().execute(storm.random_plan(witnesses[i]),
                                           [&, i](const Execution& execution) {
                                             CHECK(++ends[i] == 1);
                                             witnesses[i].check_end(execution);
                                             ++over;
                                             if (storm.flip(3)) calls[i] = PlanCall();
                                           });
  }
  for (std::size_t i = 0; i < kPlans; ++i) {
    if (!storm.flip(8)) continue;
    ++over;
    if (storm.flip(2)) {
      const Execution execution = calls[i].abort();
      CHECK(execution.error()->code == Error::Code::cancelled);
    }
    calls[i] = PlanCall();
    ++ends[i];
  }
  storm.loop.run_until([&over] { return over == kPlans; });
  const PlanStats stats = storm.plans->stats();
  CHECK(stats.executions == 0);
  CHECK(stats.attempts == 0);
  CHECK(stats.waiting == 0);
  CHECK(stats.retries == 0);
  CHECK(stats.executed == kPlans);
  const PoolCounts pool = storm.client->pool_stats().total;
  CHECK(pool.active == 0);
  CHECK(pool.waiting == 0);
}

TEST_SUITE("client/plan_storm") {
  TEST_CASE("whatever servers and plans do, each plan ends once and every event has its place") {
    for (unsigned seed = 1; seed <= 40; ++seed) weather(seed);
  }
}

}  // namespace
}  // namespace xtrace::testing::plan_storm_test
