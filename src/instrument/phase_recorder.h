#pragma once

/// `PhaseRecorder` turns one physical request's timeline into subsegments, on the wall clock that
/// the timeline was started with.

#include <string>
#include <string_view>

#include <xtrace/segment.h>
#include <xtrace/timeline.h>

namespace xtrace {

/// The namespace of what is recorded as metadata.
inline constexpr std::string_view kHttpSpace = "http";

class PhaseRecorder {
 public:
  /// Both outlive the recorder; `scratch` is written over.
  PhaseRecorder(const Timeline& timeline, std::string& scratch)
      : timeline_(timeline), scratch_(scratch) {}

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
  std::string& scratch_;
};

}  // namespace xtrace
