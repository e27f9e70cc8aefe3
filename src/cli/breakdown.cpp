#include "cli/breakdown.h"

#include <algorithm>

namespace xtrace::cli {

namespace {

struct Leaf {
  Phase phase;
  std::size_t dial;
  Span span;
};

constexpr std::array<Phase, 9> kOrder = {Phase::queue,   Phase::dns_wait, Phase::dns,
                                         Phase::dial,    Phase::proxy,    Phase::tls,
                                         Phase::request, Phase::response, Phase::body};

std::vector<Leaf> leaves_of(const Timeline& timeline) {
  std::vector<Leaf> leaves;
  for (const Phase phase : kOrder) {
    if (phase == Phase::dial) {
      for (std::size_t i = 0; i < timeline.dial_count; ++i) {
        leaves.push_back({phase, i, timeline.dials[i].span});
      }
    } else if (const Span* span = timeline.find(phase)) {
      // An answer that came before the upload ended was not waited for.
      const bool is_void = phase == Phase::response && timeline.early_response;
      if (!is_void || span->length() > Duration{}) leaves.push_back({phase, 0, *span});
    }
  }
  return leaves;
}

/// Maps moments to printed steps. Rounding each moment by itself keeps sums exact, but a gap of a
/// microsecond that happens to lie on the border of two steps would be printed as a whole step that
/// nothing explains. So the gaps get, together, the steps that their true sum rounds to, and the
/// phases share the rest: every length is off by less than two steps.
class Ruler {
 public:
  Ruler(const std::vector<Leaf>& leaves, Duration total, const Scale& scale) : scale_(scale) {
    moments_ = {Duration{}, total};
    for (const Leaf& leaf : leaves) {
      moments_.push_back(clamp(leaf.span.begin, total));
      moments_.push_back(clamp(leaf.span.end, total));
    }
    std::sort(moments_.begin(), moments_.end());
    moments_.erase(std::unique(moments_.begin(), moments_.end()), moments_.end());
    measure(leaves);
  }

  Quanta at(Duration moment) const {
    const auto found = std::lower_bound(moments_.begin(), moments_.end(), moment);
    const auto index =
        std::min(found - moments_.begin(), static_cast<std::ptrdiff_t>(moments_.size()) - 1);
    return steps_[static_cast<std::size_t>(index)];
  }

 private:
  static Duration clamp(Duration moment, Duration total) {
    return std::clamp(moment, Duration{}, std::max(Duration{}, total));
  }

  static bool is_covered(const std::vector<Leaf>& leaves, Duration begin, Duration end) {
    return std::any_of(leaves.begin(), leaves.end(), [begin, end](const Leaf& leaf) {
      return leaf.span.begin <= begin && leaf.span.end >= end;
    });
  }

  void measure(const std::vector<Leaf>& leaves) {
    const Quanta last = scale_.round(moments_.back());
    Duration gaps{};
    Quanta printed_gaps = 0;
    steps_ = {0};
    for (std::size_t i = 1; i < moments_.size(); ++i) {
      Quanta step = scale_.round(moments_[i]);
      const bool is_gap = !is_covered(leaves, moments_[i - 1], moments_[i]);
      if (is_gap) {
        gaps += moments_[i] - moments_[i - 1];
        step = steps_.back() + scale_.round(gaps) - printed_gaps;
        printed_gaps = scale_.round(gaps);
      }
      steps_.push_back(std::clamp(step, steps_.back(), std::max(steps_.back(), last)));
      if (is_gap && i + 1 == moments_.size()) move_back_from(i, last);
    }
    steps_.back() = last;
  }

  /// The gap at the end keeps its steps; what comes before it gives or takes the difference.
  void move_back_from(std::size_t end, Quanta last) {
    const Quanta gap = steps_[end] - steps_[end - 1];
    const Quanta floor = end >= 2 ? steps_[end - 2] : 0;
    if (end >= 2) steps_[end - 1] = std::clamp(last - gap, floor, std::max(floor, last));
  }

  Scale scale_;
  std::vector<Duration> moments_;
  std::vector<Quanta> steps_;  // of the moment with the same index
};

Part part_of(Phase phase) {
  switch (phase) {
    case Phase::dns_wait:
    case Phase::dns:
      return Part::dns;
    case Phase::dial:
      return Part::tcp;
    case Phase::proxy:
      return Part::proxy;
    case Phase::tls:
      return Part::tls;
    case Phase::request:
      return Part::request;
    case Phase::response:
      return Part::wait;
    case Phase::body:
      return Part::body;
    default:
      return Part::other;
  }
}

}  // namespace

Breakdown break_down(const Timeline& timeline, const Scale& scale) {
  const std::vector<Leaf> leaves = leaves_of(timeline);
  const Ruler ruler(leaves, timeline.total, scale);
  Breakdown breakdown;
  breakdown.scale = scale;
  breakdown.total = scale.round(timeline.total);
  breakdown.other = breakdown.total;
  for (const Leaf& leaf : leaves) {
    breakdown.slices.push_back({leaf.phase, leaf.dial, ruler.at(leaf.span.begin),
                                ruler.at(leaf.span.end), leaf.span.outcome});
  }
  breakdown.is_local =
      timeline.dial_count > 0 && timeline.dials[0].address.family() == Address::Family::local;
  for (const Quanta claim : claims(breakdown.slices)) breakdown.other -= claim;
  return breakdown;
}

std::vector<Quanta> claims(const std::vector<Slice>& slices) {
  std::vector<Quanta> borders;
  for (const Slice& slice : slices) {
    borders.push_back(slice.begin);
    borders.push_back(slice.end);
  }
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());

  std::vector<Quanta> claimed(slices.size(), 0);
  for (std::size_t i = 1; i < borders.size(); ++i) {
    for (std::size_t owner = 0; owner < slices.size(); ++owner) {
      if (slices[owner].begin > borders[i - 1] || slices[owner].end < borders[i]) continue;
      claimed[owner] += borders[i] - borders[i - 1];
      break;
    }
  }
  return claimed;
}

std::array<PartLength, kPartCount> sum_parts(const Breakdown& breakdown) {
  std::array<PartLength, kPartCount> parts{};
  const std::vector<Quanta> claimed = claims(breakdown.slices);
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    PartLength& part = parts[static_cast<std::size_t>(part_of(breakdown.slices[i].phase))];
    part.happened = true;
    part.length += claimed[i];
  }
  PartLength& other = parts[static_cast<std::size_t>(Part::other)];
  other.length += breakdown.other;
  other.happened = other.length > 0;
  return parts;
}

}  // namespace xtrace::cli
