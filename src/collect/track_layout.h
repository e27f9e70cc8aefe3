#pragma once

/// `TrackLayout` says on which track of which process each node of some traces is drawn.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collect/export_trace.h"

namespace xtrace::collect {

/// A node's bar: whole microseconds, so that what fits by the numbers fits on the screen.
struct TrackBar {
  std::uint32_t trace = 0;  ///< Indices: of the trace, and of the node in it.
  std::uint32_t node = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::uint32_t process = 0;  ///< From 1 on.
  std::uint32_t track = 0;    ///< From 1 on, in its process.
};

class TrackLayout {
 public:
  explicit TrackLayout(std::span<const ExportTrace> traces);

  /// By process and beginning.
  const std::vector<TrackBar>& bars() const { return bars_; }
  /// The services, in the order of their numbers from 1 on.
  const std::vector<std::string_view>& processes() const { return processes_; }
  /// How many tracks that process has.
  std::uint32_t tracks(std::uint32_t process) const { return tracks_[process - 1]; }
  /// Null where the node has no bar, for it has no time.
  const TrackBar* find(std::uint32_t trace, std::uint32_t node) const;

 private:
  void add_bars(std::uint32_t trace, const TraceTree& tree);
  std::uint32_t process_of(std::string_view service);
  struct OpenTracks;
  void place_all();
  std::size_t track_for(const TrackBar& bar, OpenTracks& open) const;
  bool has_room(const TrackBar& bar, std::vector<const TrackBar*>& track) const;
  bool is_below(const TrackBar& bar, const TrackBar& above) const;

  std::span<const ExportTrace> traces_;
  std::vector<TrackBar> bars_;
  std::vector<std::vector<std::uint32_t>> places_;  // of each trace's nodes in `bars_`
  std::map<std::string_view, std::uint32_t> numbers_;
  std::vector<std::string_view> processes_;
  std::vector<std::uint32_t> tracks_;
};

}  // namespace xtrace::collect
