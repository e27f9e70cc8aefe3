#include "collect/track_layout.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <set>
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

/// The tracks of the process whose bars are placed.
struct TrackLayout::OpenTracks {
  using Track = std::vector<const TrackBar*>;
  using Ending = std::pair<std::int64_t, std::size_t>;

  std::vector<Track> tracks{};  // what has begun, outermost first; what is over may still lie there
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> busy{};
  std::set<std::size_t> free{};  // all of it is over
};

/// Bars come by their beginnings, and those that hold others first. On a track lies what has begun
/// and not ended; a bar may lie on it where all of that is above it in the tree, and goes on as
/// long.
void TrackLayout::place_all() {
  tracks_.assign(processes_.size(), 0);
  OpenTracks open;
  std::uint32_t process = 0;
  for (TrackBar& bar : bars_) {
    if (bar.process != std::exchange(process, bar.process)) open = {};
    for (; !open.busy.empty() && open.busy.top().first <= bar.begin; open.busy.pop()) {
      open.free.insert(open.busy.top().second);
    }
    const std::size_t track = track_for(bar, open);
    if (open.tracks[track].empty()) {
      open.free.erase(track);
      open.busy.emplace(bar.end, track);
    }
    open.tracks[track].push_back(&bar);
    bar.track = static_cast<std::uint32_t>(track + 1);
    tracks_[process - 1] = std::max(tracks_[process - 1], bar.track);
  }
}

/// The parent's track, or the first one that has room: that of somebody else above it, or a free
/// one.
std::size_t TrackLayout::track_for(const TrackBar& bar, OpenTracks& open) const {
  const TraceTree& tree = traces_[bar.trace].tree;
  const std::uint32_t parent = tree.nodes[bar.node].parent;
  std::size_t best = open.free.empty() ? open.tracks.size() : *open.free.begin();
  for (std::uint32_t at = parent; at != kNoBar; at = tree.nodes[at].parent) {
    const TrackBar* const above = find(bar.trace, at);
    if (above == nullptr || above->process != bar.process || above->track == 0) continue;
    const std::size_t track = above->track - 1;
    if (at != parent && track >= best) continue;
    if (!has_room(bar, open.tracks[track])) continue;
    if (at == parent) return track;
    best = track;
  }
  if (best == open.tracks.size()) {
    open.tracks.emplace_back();
  } else {
    static_cast<void>(has_room(bar, open.tracks[best]));
  }
  return best;
}

/// Takes what is over from the track; a parent that ends as its child comes and goes holds it.
bool TrackLayout::has_room(const TrackBar& bar, std::vector<const TrackBar*>& track) const {
  while (!track.empty() && track.back()->end <= bar.begin &&
         (track.back()->end < bar.end || !is_below(bar, *track.back()))) {
    track.pop_back();
  }
  return track.empty() || (track.back()->end >= bar.end && is_below(bar, *track.back()));
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
