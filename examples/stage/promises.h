#pragma once

/// What an example promises to show, held against what happened.

#include <span>
#include <string>
#include <vector>

#include <xtrace/execution.h>
#include <xtrace/trace_id.h>

#include "scripted_server/scripted_server.h"

namespace xtrace::examples {

/// How an attempt ends.
struct PromisedAttempt {
  enum class End { answered, timed_out, redundant };

  int wave = 0;
  bool is_reused = false;  ///< It found a connection; others dial.
  End end = End::answered;
  int status = 0;  ///< 0: no head comes.
};

/// A sentence for each promise that was broken. Beside the attempts, in their order: each request
/// reached the server with the trace's root and a parent of its own, unless the trace is not
/// sampled
/// (`trace_id` all zeros).
std::vector<std::string> find_broken_promises(std::span<const PromisedAttempt> promised,
                                              const Execution& execution,
                                              std::span<const ReceivedRequest> received,
                                              const TraceId& trace_id);

}  // namespace xtrace::examples
