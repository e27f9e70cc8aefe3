#include "cli/plan_hints.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <xtrace/server_says.h>

#include "cli/headline.h"
#include "cli/lane_words.h"
#include "cli/paint.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

constexpr int kFirstFaultStatus = 500;
/// Shorter waits are not worth a line.
constexpr Duration kLongWait = std::chrono::milliseconds(100);

bool is_attempt_timeout(const AttemptView& attempt) {
  return attempt.error() != nullptr && attempt.error()->code == Error::Code::attempt_timeout;
}

/// `attempt 1`, `attempts 1 and 3`, `attempts 0, 1 and 2`.
std::string name_all(const std::vector<int>& attempts) {
  std::string text = attempts.size() == 1 ? "attempt " : "attempts ";
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    if (i > 0) text += i + 1 == attempts.size() ? " and " : ", ";
    text += std::to_string(attempts[i]);
  }
  return text;
}

/// How long the answer of `attempt` asks to wait; zero where it does not.
Duration asked_by(const AttemptView& attempt) {
  const AttemptReport& last = attempt.last();
  if (!last.response) return {};
  const Timeline& timeline = last.timeline;
  const auto length = std::chrono::duration_cast<WallTime::duration>(timeline.total);
  return retry_after(last.response->headers, timeline.started.wall + length).value_or(Duration{});
}

class PlanRemarks {
 public:
  PlanRemarks(const Report& report, const Style& style)
      : report_(report),
        style_(style),
        attempts_(view_attempts(report)),
        scale_(make_scale(report.total(), style.unit)) {}

  std::string write() {
    if (!blame_limit()) {
      suspect_server();
      suspect_network();
    }
    compare_ends();
    weigh_waits();
    offer_patience();
    credit_rival();
    return std::move(text_);
  }

 private:
  void say(std::string_view kind, std::string_view sentence) {
    text_ += draw_remark(kind, sentence, style_);
  }

  /// Every attempt was cut off: the limit may be what is wrong.
  bool blame_limit() {
    const bool is_all = std::ranges::all_of(attempts_, is_attempt_timeout);
    if (!is_all || attempts_.size() < 2) return false;
    const AttemptView& last = attempts_.back();
    std::string sentence = "every attempt was cut off after " + format_measured(last.length());
    const Span* connect = last.last().timeline.find(Phase::connect);
    if (connect != nullptr && connect->length() * 2 > last.length()) {
      sentence += ", most of which was spent connecting";
    }
    say("hint", sentence + ": the server is slow, or the limit is too tight (--attempt-timeout)");
    return true;
  }

  /// Attempts cut off while they waited for a first byte most of their time.
  void suspect_server() {
    std::vector<int> silent;
    Duration longest{};
    for (const AttemptView& attempt : attempts_) {
      const Span* wait = attempt.last().timeline.find(Phase::response);
      const bool is_silent = is_attempt_timeout(attempt) && wait != nullptr &&
                             attempt.status() == 0 && wait->length() * 2 > attempt.length();
      if (!is_silent) continue;
      silent.push_back(attempt.index);
      longest = std::max(longest, wait->length());
    }
    if (silent.empty()) return;
    say("hint", name_all(silent) + " waited " + (silent.size() == 1 ? "" : "up to ") +
                    scale_.text(longest) +
                    " for the first byte: the server (or what is behind it), not the network");
  }

  /// Attempts that never got as far as sending.
  void suspect_network() {
    std::vector<int> lost;
    for (const AttemptView& attempt : attempts_) {
      const Timeline& timeline = attempt.last().timeline;
      const bool is_unsent = timeline.find(Phase::request) == nullptr;
      if (is_attempt_timeout(attempt) && is_unsent) lost.push_back(attempt.index);
    }
    if (lost.empty()) return;
    say("hint", name_all(lost) + " had no connection in time: the network, not the server");
  }

  /// `every attempt ended with 503`.
  void compare_ends() {
    const auto is_same = [this](const AttemptView& attempt) {
      const Error* error = attempt.error();
      const Error* first = attempts_.front().error();
      if (error == nullptr || first == nullptr) {
        return error == first && attempt.status() == attempts_.front().status();
      }
      return error->code == first->code;
    };
    if (attempts_.size() < 2 || !std::ranges::all_of(attempts_, is_same)) return;
    const AttemptView& first = attempts_.front();
    const bool is_retried = std::ranges::any_of(attempts_, &AttemptView::is_retried);
    if (first.error() == nullptr && first.status() < kFirstFaultStatus && !is_retried) return;
    const bool is_told = is_attempt_timeout(first) || end_of(first, report_) != LaneEnd::failed;
    if (is_told) return;
    const std::string end =
        first.error() != nullptr ? words_of(first.error()->code) : std::to_string(first.status());
    say("hint", "every attempt ended the same way (" + end + "): trying again did not help");
  }

  void weigh_waits() {
    Duration waited{};
    Duration asked{};
    for (const WaitRecord& wait : report_.plan->waits) {
      waited += wait.end - wait.begin;
      if (wait.reason == WaitRecord::Reason::retry_after) asked += wait.end - wait.begin;
    }
    if (waited < kLongWait || waited * 2 <= report_.total()) return;
    say("hint", scale_.text(waited) + " of " + scale_.text(report_.total()) +
                    " passed between attempts, as " +
                    (asked * 2 > waited ? "the server asked (Retry-After)" : "--backoff has it"));
  }

  /// An attempt came sooner than the server had asked for: once, for the first of them.
  void offer_patience() {
    for (const WaitRecord& wait : report_.plan->waits) {
      const auto next = std::ranges::find(attempts_, wait.wave + 1, &AttemptView::wave);
      if (wait.reason == WaitRecord::Reason::retry_after || next == attempts_.end()) continue;
      Duration asked{};
      for (const AttemptView& attempt : attempts_) {
        if (attempt.wave == wait.wave) asked = std::max(asked, asked_by(attempt));
      }
      if (asked <= wait.end - wait.begin) continue;
      return say("hint", name_all({next->index}) + " came sooner than in the " +
                             format_brief(asked) +
                             " that the server asked for (Retry-After): --retry-after waits");
    }
  }

  /// How much longer the first of the wave was under way when a rival had answered.
  void credit_rival() {
    for (const AttemptView& attempt : attempts_) {
      if (end_of(attempt, report_) != LaneEnd::answered) continue;
      const auto first = std::ranges::find(attempts_, attempt.wave, &AttemptView::wave);
      if (first->index == attempt.index || end_of(*first, report_) != LaneEnd::cancelled) return;
      say("note", "the rival answered first: attempt " + std::to_string(first->index) +
                      " was still under way after " + scale_.text(first->length()));
    }
  }

  const Report& report_;
  const Style& style_;
  std::vector<AttemptView> attempts_;
  Scale scale_;
  std::string text_;
};

}  // namespace

std::string draw_plan_hints(const Report& report, const Style& style) {
  if (report.attempts().empty()) return {};
  return PlanRemarks(report, style).write();
}

}  // namespace xtrace::cli
