#include "cli/plan_verdict.h"

#include <algorithm>
#include <vector>

#include "cli/headline.h"
#include "cli/lane_words.h"
#include "cli/paint.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

enum class VerdictWording : unsigned char { full, brief };

/// Attempts that share a fate, as `0-2 lost` or `1+2 raced`.
struct Fate {
  std::string_view deed;
  std::vector<int> attempts;
};

std::string numbers(const Fate& fate) {
  const std::vector<int>& all = fate.attempts;
  std::string text = std::to_string(all.front());
  if (fate.deed == "lost" && all.size() > 2) return text + "-" + std::to_string(all.back());
  for (std::size_t i = 1; i < all.size(); ++i) text += "+" + std::to_string(all[i]);
  return text;
}

/// Wave by wave: who was alone and lost, who raced, and who won in the end.
std::vector<Fate> fates(const std::vector<AttemptView>& attempts, const Report& report) {
  std::vector<Fate> all;
  int winner = -1;
  for (std::size_t i = 0; i < attempts.size();) {
    std::vector<int> wave;
    const std::size_t first = i;
    for (; i < attempts.size() && attempts[i].wave == attempts[first].wave; ++i) {
      wave.push_back(attempts[i].index);
      if (end_of(attempts[i], report) == LaneEnd::answered) winner = attempts[i].index;
    }
    if (wave.size() > 1) {
      all.push_back({"raced", wave});
    } else if (wave.front() != winner) {
      const bool goes_on = !all.empty() && all.back().deed == "lost";
      if (!goes_on) all.push_back({"lost", {}});
      all.back().attempts.push_back(wave.front());
    }
  }
  if (winner >= 0) all.push_back({"won", {winner}});
  return all;
}

std::string describe_fates(const std::vector<AttemptView>& attempts, const Report& report,
                           VerdictWording wording) {
  const std::vector<Fate> all = fates(attempts, report);
  // That all were lost goes without saying.
  if (all.size() == 1 && all.front().deed == "lost") return {};
  std::string text;
  for (const Fate& fate : all) {
    const bool is_named = text.empty() || wording == VerdictWording::full;
    text += text.empty() ? "" : ", ";
    if (is_named) text += fate.attempts.size() == 1 ? "attempt " : "attempts ";
    text += numbers(fate) + " " + std::string(fate.deed);
  }
  return text;
}

struct Verdict {
  std::string text;
  Role role = Role::fault;
};

/// What was under way is what the first attempt in flight did, also where the error does not tell.
std::string describe_interruption(const Error& error, const Report& report) {
  const std::vector<AttemptView> attempts = view_attempts(report);
  const auto cut = std::ranges::find_if(attempts, [](const AttemptView& attempt) {
    return attempt.error() != nullptr && attempt.error()->code == Error::Code::cancelled;
  });
  if (error.phase == Phase::none && cut == attempts.end()) return "INTERRUPTED between attempts";
  const Phase phase = error.phase == Phase::none ? cut->error()->phase : error.phase;
  return "INTERRUPTED " + std::string(deed_of(phase));
}

std::string describe_failure(const Error& error, const Report& report) {
  using enum Error::Code;
  if (error.code == plan_timeout) {
    std::string text = "TIMED OUT ";
    text += error.phase == Phase::none ? "waiting to try again" : deed_of(error.phase);
    const Duration limit = report.limits.total;
    return limit > Duration{} ? text + " (limit " + format_brief(limit) + " for all)" : text;
  }
  if (error.code == cancelled) return describe_interruption(error, report);
  if (is_timeout(error.code)) {
    const std::string text = "TIMED OUT " + std::string(deed_of(error.phase));
    const AttemptReport* last = final_request(report).request;
    const bool is_of_attempt = error.code == attempt_timeout && last != nullptr && last->limit;
    if (!is_of_attempt) return text;
    return text + " (limit " + format_brief(*last->limit) + " for each)";
  }
  return "FAILED: " + words_of(error.code);
}

Verdict describe(const Report& report, const Style& style) {
  if (report.error) {
    return {escape_for_terminal(describe_failure(*report.error, report), style), Role::fault};
  }
  const FinalRequest last = final_request(report);
  if (last.request == nullptr || !last.request->response) return {"no answer", Role::fault};
  const Response& response = *last.request->response;
  std::string text = std::to_string(response.status);
  if (!response.reason.empty()) text += " " + escape_for_terminal(response.reason, style);
  return {text, role_of_status(response.status)};
}

bool is_sent(const AttemptView& attempt) {
  return std::ranges::any_of(attempt.requests, [](const AttemptReport* request) {
    return request->timeline.find(Phase::request) != nullptr;
  });
}

/// `3 sends`; where some attempts never sent, `3 attempts (1 sent)`, or `3 attempts`.
std::string count_sends(const std::vector<AttemptView>& attempts) {
  const auto sent = static_cast<std::size_t>(std::ranges::count_if(attempts, is_sent));
  if (sent == attempts.size()) return counted(sent, "send");
  const std::string all = counted(attempts.size(), "attempt");
  return sent == 0 ? all : all + " (" + std::to_string(sent) + " sent)";
}

std::string draw(const Report& report, VerdictWording wording, const Style& style) {
  const std::vector<AttemptView> attempts = view_attempts(report);
  const Scale scale = make_scale(report.total(), style.unit);
  const Verdict verdict = describe(report, style);
  Flow flow(style, 2);
  flow.piece(verdict.text, verdict.role);
  const std::string sends = "after " + count_sends(attempts);
  const std::string total = scale.text(report.total());
  const std::string fate = describe_fates(attempts, report, wording);
  if (wording == VerdictWording::brief) {
    flow.piece(sends + " in " + total, Role::strong, 1);
    return flow.piece(fate, Role::plain, 3).finish();
  }
  flow.piece(sends, Role::strong, 1).piece(fate, Role::plain, 3);
  return flow.piece("total " + total, Role::strong, 3).finish();
}

std::string draw_judgement(const Report& report, const Style& style) {
  if (report.judgement.empty()) return {};
  Flow flow(style, 2);
  flow.piece("!", Role::error);
  flow.piece(escape_for_terminal(report.judgement, style), Role::error, 1);
  return flow.finish();
}

}  // namespace

std::string draw_verdict(const Report& report, const Style& style) {
  if (report.attempts().empty()) return draw_headline(report, nullptr, style);
  std::string text = draw(report, VerdictWording::full, style);
  if (text.find('\n') + 1 != text.size()) text = draw(report, VerdictWording::brief, style);
  return text + draw_judgement(report, style);
}

}  // namespace xtrace::cli
