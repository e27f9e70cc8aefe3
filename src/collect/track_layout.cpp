#include "collect/track_layout.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "collect/export_time.h"

namespace xtrace::collect {

namespace {

constexpr std::uint32_t kNoBar = TraceNode::kNone;

}  // namespace

TrackLayout::TrackLayout(std::span<const ExportTrace> traces) : traces_(traces) {
  for (std::uint32_t trace = 0; trace < traces.size(); ++trace) {
    add_bars(trace, traces[trace].tree);
  }
  std::ranges::sort(bars_, {}, [](const TrackBar& bar) {
    return std::tuple(bar.process, bar.begin, -bar.end, bar.trace, bar.node);
  });
  for (std::uint32_t at = 0; at < bars_.size(); ++at) {
    places_[bars_[at].trace][bars_[at].node] = at;
  }
  place_all();
}

const TrackBar* TrackLayout::find(std::uint32_t trace, std::uint32_t node) const {
  const std::uint32_t place = places_[trace][node];
  return place == kNoBar ? nullptr : &bars_[place];
}

void TrackLayout::add_bars(std::uint32_t trace, const TraceTree& tree) {
  places_.emplace_back(tree.nodes.size(), kNoBar);
  for (std::uint32_t index = 0; index < tree.nodes.size(); ++index) {
    const TraceNode& node = tree.nodes[index];
    if (node.start <= 0) continue;
    const double end = node.end.value_or(std::max(tree.end, node.start));
    bars_.push_back({.trace = trace,
                     .node = index,
                     .begin = epoch_microseconds(node.start),
                     .end = epoch_microseconds(end),
                     .process = process_of(tree.nodes[node.segment].name)});
  }
}

std::uint32_t TrackLayout::process_of(std::string_view service) {
  const auto next = static_cast<std::uint32_t>(numbers_.size() + 1);
  const auto [found, is_new] = numbers_.try_emplace(service, next);
  if (is_new) processes_.push_back(service);
  return found->second;
}

/// Bars come by their beginnings, and those that hold others first. On a track lies what has begun
/// and not ended; a bar may lie on it where all of that is above it in the tree, and goes on as
/// long.
void TrackLayout::place_all() {
  tracks_.assign(processes_.size(), 0);
  std::vector<std::vector<const TrackBar*>> open;
  std::uint32_t process = 0;
  for (TrackBar& bar : bars_) {
    if (bar.process != std::exchange(process, bar.process)) open.clear();
    const auto has_room = [&](std::vector<const TrackBar*>& track) {
      // What is over makes room; a parent that ends as its child comes and goes holds it.
      while (!track.empty() && track.back()->end <= bar.begin &&
             (track.back()->end < bar.end || !is_below(bar, *track.back()))) {
        track.pop_back();
      }
      return track.empty() || (track.back()->end >= bar.end && is_below(bar, *track.back()));
    };
    const std::uint32_t parent = traces_[bar.trace].tree.nodes[bar.node].parent;
    const TrackBar* const above = parent == TraceNode::kNone ? nullptr : find(bar.trace, parent);
    const bool has_company = above != nullptr && above->process == bar.process && above->track > 0;
    std::size_t track = has_company ? above->track - 1 : 0;
    if (!has_company || !has_room(open[track])) {
      const auto free = std::ranges::find_if(open, has_room);
      track = static_cast<std::size_t>(free - open.begin());
      if (free == open.end()) open.emplace_back();
    }
    open[track].push_back(&bar);
    bar.track = static_cast<std::uint32_t>(track + 1);
    tracks_[process - 1] = std::max(tracks_[process - 1], bar.track);
  }
}

bool TrackLayout::is_below(const TrackBar& bar, const TrackBar& above) const {
  if (bar.trace != above.trace) return false;
  const TraceTree& tree = traces_[bar.trace].tree;
  for (std::uint32_t at = bar.node; at != TraceNode::kNone; at = tree.nodes[at].parent) {
    if (at == above.node) return true;
    if (at < above.node) return false;  // A parent stands before its children.
  }
  return false;
}

}  // namespace xtrace::collect
