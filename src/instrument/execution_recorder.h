#pragma once

/// `ExecutionRecorder` turns a plan's execution that is over into subsegments: one for the plan's
/// host, below it the attempts and the waits in the order they happened, all on the clock that the
/// execution was started with.

#include <optional>
#include <string>
#include <vector>

#include <xtrace/execution.h>
#include <xtrace/plan.h>
#include <xtrace/segment.h>
#include <xtrace/traced_plan.h>

#include "instrument/physical_request.h"

namespace xtrace {

class ExecutionRecorder {
 public:
  /// Everything outlives the recorder; `scratch` is written over.
  ExecutionRecorder(const Execution& execution, const RecordPlanOptions& options,
                    std::string& scratch)
      : execution_(execution), options_(options), scratch_(scratch) {}

  void record_below(const SegmentContext& parent) const;

 private:
  void record_facts(Subsegment& host) const;
  void record_wave(Subsegment& host, int wave) const;
  void record_attempt(Subsegment& host, const AttemptRecord& attempt) const;
  void record_wait(Subsegment& host, const WaitRecord& wait) const;
  void record_requests(Subsegment& subsegment, const AttemptRecord& attempt) const;
  PhysicalRequest whole_of(const AttemptRecord& attempt) const;
  std::vector<SegmentId> ids_of(const AttemptRecord& attempt) const;
  std::optional<SegmentId> id_of(const AttemptRecord& attempt) const;
  WallTime wall(Duration since_start) const;

  const Execution& execution_;
  const RecordPlanOptions& options_;
  std::string& scratch_;
};

}  // namespace xtrace
