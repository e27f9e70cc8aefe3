#include "client/breaker_window.h"

#include <algorithm>
#include <utility>

namespace xtrace {

void BreakerCounts::add(BreakerCall call) {
  ++calls;
  failures += call.is_failure ? 1 : 0;
  slow += call.is_slow ? 1 : 0;
}

void BreakerCounts::subtract(const BreakerCounts& other) {
  calls -= other.calls;
  failures -= other.failures;
  slow -= other.slow;
}

// -- calls ----------------------------------------------------------------------------------------

CallWindow::CallWindow(std::size_t size) : size_(std::max<std::size_t>(size, 1)) {
  calls_.reserve(size_);
}

void CallWindow::add(BreakerCall call) {
  if (calls_.size() < size_) {
    calls_.push_back(call);
  } else {
    BreakerCounts left;
    left.add(std::exchange(calls_[oldest_], call));
    counts_.subtract(left);
    if (++oldest_ == size_) oldest_ = 0;
  }
  counts_.add(call);
}

void CallWindow::clear() {
  calls_.clear();
  oldest_ = 0;
  counts_ = {};
}

// -- time -----------------------------------------------------------------------------------------

TimeWindow::TimeWindow(Duration length)
    : width_(std::max(length / static_cast<int>(kSlices), Duration(1))) {}

void TimeWindow::add(BreakerCall call, Tick present) {
  for (std::size_t left = outdated(present); left > 0; --left) {
    if (++newest_ == kSlices) newest_ = 0;
    counts_.subtract(std::exchange(slices_[newest_], BreakerCounts()));
  }
  const std::int64_t slice = slice_of(present);
  // An empty window begins anywhere, also before where it was.
  newest_slice_ = counts_.calls == 0 ? slice : std::max(newest_slice_, slice);
  slices_[newest_].add(call);
  counts_.add(call);
}

BreakerCounts TimeWindow::counts(Tick present) const {
  const std::size_t left = outdated(present);
  if (left == kSlices) return {};
  BreakerCounts counts = counts_;
  for (std::size_t i = 1; i <= left; ++i) counts.subtract(slices_[(newest_ + i) % kSlices]);
  return counts;
}

void TimeWindow::clear() {
  slices_ = {};
  counts_ = {};
}

std::int64_t TimeWindow::slice_of(Tick present) const {
  const Duration since = present.time_since_epoch();
  const std::int64_t whole = since / width_;
  return since % width_ < Duration::zero() ? whole - 1 : whole;
}

std::size_t TimeWindow::outdated(Tick present) const {
  const std::int64_t slice = slice_of(present);
  if (slice <= newest_slice_ || counts_.calls == 0) return 0;
  // Unsigned, for the difference may have no room in a signed one.
  const auto behind = static_cast<std::uint64_t>(slice) - static_cast<std::uint64_t>(newest_slice_);
  return static_cast<std::size_t>(std::min<std::uint64_t>(behind, kSlices));
}

// -- either ---------------------------------------------------------------------------------------

BreakerWindow::BreakerWindow(const BreakerConfig& config)
    : window_(std::in_place_type<TimeWindow>, config.window_time) {
  if (config.window == BreakerConfig::Window::calls)
    window_.emplace<CallWindow>(config.window_calls);
}

void BreakerWindow::add(BreakerCall call, Tick present) {
  if (auto* calls = std::get_if<CallWindow>(&window_)) return calls->add(call);
  std::get<TimeWindow>(window_).add(call, present);
}

BreakerCounts BreakerWindow::counts(Tick present) const {
  if (const auto* calls = std::get_if<CallWindow>(&window_)) return calls->counts();
  return std::get<TimeWindow>(window_).counts(present);
}

void BreakerWindow::clear() {
  std::visit([](auto& window) { window.clear(); }, window_);
}

}  // namespace xtrace
