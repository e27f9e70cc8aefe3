#include "cli/load_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace xtrace::cli {

using StepKind = LoadPlan::Step::Kind;

LoadPlan::LoadPlan(const RepeatOptions& options, Tick begin)
    : options_(options),
      limit_(options.in_flight()),
      begin_(begin),
      is_warming_up_(options.warmup > 0) {}

LoadPlan::Step LoadPlan::next(Tick present) {
  if (is_warming_up_ && in_flight_ == 0 && started_ == options_.warmup) end_warmup(present);
  if (is_over(present)) {
    return {.kind = in_flight_ > 0 ? StepKind::wait : StepKind::done, .due = {}, .is_warmup = {}};
  }
  return options_.rate ? step_by_clock(present) : step_in_turn(present);
}

LoadPlan::Step LoadPlan::step_by_clock(Tick present) {
  if (in_flight_ == limit_) return {.kind = StepKind::wait, .due = {}, .is_warmup = {}};
  const Tick due = due_of(started_);
  if (due <= present) return start(due);
  return {.kind = StepKind::wait_until, .due = std::min(due, deadline()), .is_warmup = {}};
}

LoadPlan::Step LoadPlan::step_in_turn(Tick present) {
  if (!pauses_.empty() && pauses_.front() <= present) pauses_.pop_front();
  if (in_flight_ + pauses_.size() < limit_) return start(present);
  if (pauses_.empty()) return {.kind = StepKind::wait, .due = {}, .is_warmup = {}};
  return {
      .kind = StepKind::wait_until, .due = std::min(pauses_.front(), deadline()), .is_warmup = {}};
}

LoadPlan::Step LoadPlan::start(Tick due) {
  ++started_;
  ++in_flight_;
  return {.kind = StepKind::start, .due = due, .is_warmup = is_warming_up_};
}

void LoadPlan::on_end(Tick present) {
  --in_flight_;
  if (options_.interval) pauses_.push_back(present + *options_.interval);
}

void LoadPlan::stop() {
  is_stopped_ = true;
}

void LoadPlan::end_warmup(Tick present) {
  is_warming_up_ = false;
  started_ = 0;
  begin_ = present;
  pauses_.clear();
}

Tick LoadPlan::deadline() const {
  return options_.duration && !is_warming_up_ ? begin_ + *options_.duration : Tick::max();
}

std::uint64_t LoadPlan::missed(Tick end) const {
  if (!options_.rate || is_warming_up_) return 0;
  const Tick until = std::min(end, deadline());
  std::uint64_t due = started_;
  // Counted, not computed: what is due is decided by `due_of` alone.
  const double passed = std::chrono::duration<double>(until - begin_).count();
  const auto guess = static_cast<std::uint64_t>(std::max(0.0, passed * *options_.rate));
  due = std::max(due, std::min(guess > 2 ? guess - 2 : 0, most()));
  while (due < most() && due_of(due) < until) ++due;
  return due - started_;
}

Tick LoadPlan::due_of(std::uint64_t index) const {
  // Nearer than a nanosecond for a hundred days: the schedule does not drift.
  const double offset = static_cast<double>(index) * 1e9 / *options_.rate;
  return begin_ + Duration(std::llround(offset));
}

bool LoadPlan::is_over(Tick present) const {
  return is_stopped_ || started_ >= most() || present >= deadline();
}

std::uint64_t LoadPlan::most() const {
  if (is_warming_up_) return options_.warmup;
  constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  return options_.requests.value_or(options_.duration ? kNoLimit : 1);
}

}  // namespace xtrace::cli
