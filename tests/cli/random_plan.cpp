#include "random_plan.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "random_timeline.h"
#include "report_parts.h"

namespace xtrace::testing {

namespace {

using cli::AttemptReport;
using cli::Report;
using Veto = RetryDecision::Veto;

class PlanWriter {
 public:
  explicit PlanWriter(std::mt19937& random) : random_(random) {
    report_ = base("GET", "https://api.example.com/", 0);
    report_.plan.emplace();
    report_.legs.front().attempts.clear();
    report_.legs.push_back({"https://api.example.com/elsewhere", {}, "GET"});
    start_ = base("GET", "https://api.example.com/", 0).legs.front().attempts.front().timeline;
  }

  Report write() {
    const int waves = 1 + pick(4);
    for (wave_ = 0; wave_ < waves && index_ < 7; ++wave_) {
      if (wave_ > 0) add_wait();
      add_wave();
    }
    finish();
    return std::move(report_);
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool chance(int of) { return pick(of) == 0; }

  void add_wait() {
    const Duration length = chance(4) ? Duration{} : Duration(random_() % 2'000'000'000U);
    report_.plan->waits.push_back(
        {.wave = wave_ - 1,
         .reason = chance(3) ? WaitRecord::Reason::retry_after : WaitRecord::Reason::backoff,
         .planned = chance(5) ? length * 3 : length,
         .begin = now_,
         .end = now_ + length});
    now_ += length;
  }

  void add_wave() {
    const int attempts = chance(2) ? 1 : 1 + pick(3);
    Duration begin = now_;
    Duration end = now_;
    for (int i = 0; i < attempts; ++i) {
      end = std::max(end, add_attempt(begin));
      begin += Duration(random_() % 300'000'000U);
    }
    now_ = end;
  }

  Duration add_attempt(Duration begin) {
    const int requests = chance(4) ? 2 : 1;
    Duration end = begin;
    for (int i = 0; i < requests; ++i) {
      AttemptReport request = random_report(random_).legs.front().attempts.front();
      request.index = index_;
      request.wave = wave_;
      request.timeline.started.tick = start_.started.tick + end;
      request.timeline.started.wall = start_.started.wall;
      end += request.timeline.total;
      const bool is_last = i + 1 == requests;
      std::size_t leg = 0;
      if (!is_last) {
        request.superseded =
            chance(2) ? PastAttempt::Reason::redirected : PastAttempt::Reason::stale_connection;
        is_redirected_ = request.superseded == PastAttempt::Reason::redirected;
      } else {
        if (requests > 1 && is_redirected_) leg = 1;
        conclude(request);
      }
      report_.legs[leg].attempts.push_back(std::move(request));
    }
    ++index_;
    return end;
  }

  void conclude(AttemptReport& request) {
    constexpr std::array<Error::Code, 5> kCodes = {
        Error::Code::attempt_timeout, Error::Code::redundant, Error::Code::cancelled,
        Error::Code::plan_timeout, Error::Code::connect_refused};
    if (request.response) request.response->status = std::array{200, 204, 404, 429, 503}[pick5()];
    if (!request.response && !request.timeline.error) {
      request.timeline.error = Error{kCodes[pick5()], Phase::response, "over"};
    }
    request.redundant =
        request.timeline.error && request.timeline.error->code == Error::Code::redundant;
    request.decision = RetryDecision{index_, static_cast<Veto>(pick(8))};
  }

  std::size_t pick5() { return static_cast<std::size_t>(pick(5)); }

  void finish() {
    cli::PlanReport& plan = *report_.plan;
    plan.attempts = index_;
    plan.waves = wave_;
    plan.winner = index_ - 1;
    plan.is_plan_timeout = chance(6);
    if (plan.is_plan_timeout) {
      add_wait();
      report_.error = Error{Error::Code::plan_timeout, Phase::none, "timed out"};
    }
    if (chance(4)) plan.race_vetoes.push_back({.rival = index_, .veto = {}});
    if (report_.legs.back().attempts.empty()) report_.legs.pop_back();
    if (report_.error) return;
    for (const AttemptReport* attempt : report_.attempts()) {
      if (attempt->index == plan.winner && !attempt->superseded)
        report_.error = attempt->timeline.error;
    }
  }

  std::mt19937& random_;
  Report report_;
  Timeline start_;
  Duration now_{};
  int index_ = 0;
  int wave_ = 0;
  bool is_redirected_ = false;
};

}  // namespace

Report random_plan(std::mt19937& random) {
  return PlanWriter(random).write();
}

}  // namespace xtrace::testing
