#pragma once

/// What stands behind a lane: what became of the attempt, in as many words as there is room for.

#include <string>
#include <vector>

#include "cli/plan_view.h"
#include "cli/units.h"

namespace xtrace::cli {

/// How an attempt ended, as the last cell of its bar says it.
enum class LaneEnd : std::uint8_t {
  answered,  ///< It is the one whose answer counts.
  failed,    ///< It failed, or its answer was not good enough.
  cancelled  ///< Nobody needed it any more.
};

LaneEnd end_of(const AttemptView& attempt, const Report& report);

/// The same thing in ever fewer words: `503 in 101.0ms, retry`, `timed out after 100.0ms waiting
/// for the first byte, retry`, `cancelled at 612.4ms, no byte`. `later` is how long after the first
/// of its wave it began; zero for that one itself.
std::vector<std::string> lane_words(const AttemptView& attempt, const Report& report,
                                    Duration later, const Scale& scale);

/// The same of a wait: `120.0ms, as Retry-After asks`.
std::vector<std::string> wait_words(const WaitRecord& wait, const Scale& scale);

}  // namespace xtrace::cli
