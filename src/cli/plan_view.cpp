#include "cli/plan_view.h"

#include <algorithm>

namespace xtrace::cli {

namespace {

Tick start_of(const Report& report) {
  Tick first = Tick::max();
  for (const AttemptReport* attempt : report.attempts()) {
    first = std::min(first, attempt->timeline.started.tick);
  }
  return first;
}

bool is_sent_before(const AttemptReport* a, const AttemptReport* b) {
  if (a->timeline.started.tick != b->timeline.started.tick) {
    return a->timeline.started.tick < b->timeline.started.tick;
  }
  return a->superseded.has_value() && !b->superseded.has_value();
}

}  // namespace

const Error* AttemptView::error() const {
  const std::optional<Error>& error = last().timeline.error;
  return error ? &*error : nullptr;
}

int AttemptView::status() const {
  return last().response ? last().response->status : 0;
}

std::optional<RetryDecision::Veto> AttemptView::decision() const {
  const std::optional<RetryDecision>& decision = last().decision;
  return decision ? std::optional(decision->veto) : std::nullopt;
}

std::vector<AttemptView> view_attempts(const Report& report) {
  std::vector<AttemptView> views;
  for (const AttemptReport* request : report.attempts()) {
    auto found = std::ranges::find(views, request->index, &AttemptView::index);
    if (found == views.end()) {
      found = views.insert(found, {.index = request->index, .wave = request->wave});
    }
    found->is_redundant = found->is_redundant || request->redundant;
    found->requests.push_back(request);
  }
  std::ranges::sort(views, {}, &AttemptView::index);
  const Tick start = start_of(report);
  for (AttemptView& view : views) {
    std::ranges::stable_sort(view.requests, is_sent_before);
    const Timeline& last = view.last().timeline;
    view.begin = view.requests.front()->timeline.started.tick - start;
    view.end = std::max(view.begin, last.started.tick - start + last.total);
  }
  return views;
}

Duration begin_of(const Report& report, const AttemptReport& request) {
  return request.timeline.started.tick - start_of(report);
}

FinalRequest final_request(const Report& report) {
  FinalRequest last;
  for (const LegReport& leg : report.legs) {
    for (const AttemptReport& attempt : leg.attempts) {
      if (report.plan && attempt.index != report.plan->winner) continue;
      const bool is_later =
          last.request == nullptr || !report.plan || is_sent_before(last.request, &attempt);
      if (is_later) last = {&leg, &attempt};
    }
  }
  return last;
}

Report only_attempt(const Report& report, int index) {
  Report alone = report;
  alone.plan.reset();
  for (LegReport& leg : alone.legs) {
    std::erase_if(leg.attempts,
                  [index](const AttemptReport& attempt) { return attempt.index != index; });
    for (std::size_t i = 0; i < leg.attempts.size(); ++i) {
      leg.attempts[i].index = static_cast<int>(i);
    }
  }
  std::erase_if(alone.legs, [](const LegReport& leg) { return leg.attempts.empty(); });
  return alone;
}

Report only_final_attempt(const Report& report) {
  return report.plan ? only_attempt(report, report.plan->winner) : report;
}

}  // namespace xtrace::cli
