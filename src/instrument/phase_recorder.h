#pragma once

/// `PhaseRecorder` turns one physical request's timeline into subsegments.

#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/segment.h>
#include <xtrace/timeline.h>

namespace xtrace {

/// The namespace of what is recorded as metadata.
inline constexpr std::string_view kHttpSpace = "http";

/// When `tick` was on the wall clock that `origin` read: no step of it since gets in between.
inline WallTime wall_at(Tick tick, const TimePoint& origin) {
  return origin.wall + std::chrono::duration_cast<WallTime::duration>(tick - origin.tick);
}

class PhaseRecorder {
 public:
  /// `start` is where on the wall clock the timeline begins. Both others outlive the recorder;
  /// `scratch` is written over.
  PhaseRecorder(const Timeline& timeline, WallTime start, std::string& scratch)
      : timeline_(timeline), start_(start), scratch_(scratch) {}

  /// The phases as children of `parent`, and what concerns them all as its metadata.
  void record_into(Subsegment& parent) const;
  WallTime wall(Duration offset) const;

 private:
  void record_facts(Subsegment& parent) const;
  void record_connect(Subsegment& parent, const Span& span) const;
  void record_dns(Subsegment& connect) const;
  void record_dial(Subsegment& connect, const Dial& dial) const;
  void record_tls(Subsegment& connect, const Span& span) const;
  void record_request(Subsegment& parent, const Span& span) const;
  void record_response(Subsegment& parent, const Span& span) const;
  void record_body(Subsegment& parent, const Span& span) const;
  Subsegment begin(Subsegment& parent, std::string_view name, const Span& span) const;
  void end(Subsegment& subsegment, const Span& span, Phase phase) const;

  const Timeline& timeline_;
  WallTime start_;
  std::string& scratch_;
};

}  // namespace xtrace
