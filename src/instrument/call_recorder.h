#pragma once

/// `CallRecorder` turns a call that is over into subsegments: one for each place it led to, below
/// them the attempts where there were several, below those their phases.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/client.h>
#include <xtrace/segment.h>
#include <xtrace/traced_exchange.h>

#include "instrument/phase_recorder.h"
#include "instrument/physical_request.h"

namespace xtrace {

class CallRecorder {
 public:
  /// `method` and `url` are what was asked for first. Everything outlives the recorder; `scratch`
  /// is written over. All times are told on the clock of `origin`; where there is none, on the one
  /// that each timeline was started with.
  CallRecorder(std::string_view method, const Url& url, const Exchange& exchange,
               const RecordOptions& options, std::string& scratch,
               const TimePoint* origin = nullptr)
      : method_(method),
        url_(url),
        exchange_(exchange),
        options_(options),
        scratch_(scratch),
        origin_(origin) {}

  void record_below(const SegmentContext& parent) const;
  void record_into(Subsegment& remote) const;

 private:
  std::size_t count() const { return exchange_.past.size() + 1; }
  /// Wherever the exchange keeps it.
  PhysicalRequest attempt(std::size_t index) const;
  std::optional<SegmentId> id_of(std::size_t index) const;
  std::size_t end_of_leg(std::size_t first) const;
  void record_leg(const SegmentContext& parent, std::size_t first, std::size_t end) const;
  void record_attempts(Subsegment& remote, std::size_t first, std::size_t end) const;
  PhaseRecorder phases_of(std::size_t index) const;
  WallTime start_of(std::size_t index) const;
  WallTime end_of(std::size_t index) const;

  std::string_view method_;
  const Url& url_;
  const Exchange& exchange_;
  const RecordOptions& options_;
  std::string& scratch_;
  const TimePoint* origin_;
};

}  // namespace xtrace
