#include "client/bucket_window.h"

#include <algorithm>

namespace xtrace {

namespace {

constexpr std::uint8_t kFailure = 1, kSlow = 2;

BucketWindow::Counts one_call(bool is_failure, bool is_slow) {
  return {.calls = 1, .failures = is_failure ? 1u : 0u, .slow = is_slow ? 1u : 0u};
}

}  // namespace

BucketWindow::Counts& BucketWindow::Counts::operator+=(const Counts& more) {
  calls += more.calls;
  failures += more.failures;
  slow += more.slow;
  return *this;
}

BucketWindow::Counts& BucketWindow::Counts::operator-=(const Counts& less) {
  calls -= less.calls;
  failures -= less.failures;
  slow -= less.slow;
  return *this;
}

BucketWindow::BucketWindow(const BreakerConfig& config)
    : is_by_time_(config.window == BreakerConfig::Window::time) {
  if (is_by_time_) {
    slice_ = std::max<Duration>(config.window_time / kSlices, Duration(1));
  } else {
    calls_.resize(config.window_calls);
  }
}

void BucketWindow::record(bool is_failure, bool is_slow, Tick present) {
  const Counts call = one_call(is_failure, is_slow);
  if (!is_by_time_) return record_call(call);
  advance(present);
  slices_[static_cast<std::size_t>(latest_) % kSlices] += call;
  total_ += call;
}

void BucketWindow::record_call(const Counts& call) {
  std::uint8_t& place = calls_[next_];
  if (total_.calls == calls_.size()) {
    total_ -= one_call((place & kFailure) != 0, (place & kSlow) != 0);
  }
  place =
      static_cast<std::uint8_t>((call.failures > 0 ? kFailure : 0) | (call.slow > 0 ? kSlow : 0));
  next_ = (next_ + 1) % calls_.size();
  total_ += call;
}

BucketWindow::Counts BucketWindow::counts(Tick present) {
  if (is_by_time_) advance(present);
  return total_;
}

void BucketWindow::clear() {
  total_ = {};
  next_ = 0;
  slices_ = {};
}

// What is older than the window is taken off, slice by slice.
void BucketWindow::advance(Tick present) {
  const std::int64_t wanted = present.time_since_epoch() / slice_;
  if (wanted <= latest_) return;
  const std::int64_t steps = std::min<std::int64_t>(wanted - latest_, kSlices);
  for (std::int64_t step = 0; step < steps; ++step) {
    Counts& old = slices_[static_cast<std::size_t>(wanted - step) % kSlices];
    total_ -= old;
    old = {};
  }
  latest_ = wanted;
}

}  // namespace xtrace
