#pragma once

/// Draws an execution as `xtrace get` does: a lane for each attempt, and the waits between them.

#include <string>

#include <xtrace/execution.h>
#include <xtrace/segment.h>
#include <xtrace/udp_emitter.h>

namespace xtrace::examples {

/// The trace that the picture belongs to, and what became of its documents.
struct Sent {
  TraceId trace_id{};
  bool is_sampled = false;
  std::size_t subsegments = 0;
  Delivery delivery = Delivery::unsent;
  std::string to{};
  EmitterStats stats{};
};

/// In the colours, the characters and the width of standard output.
std::string draw_waterfall(const Execution& execution, const Sent& sent);

}  // namespace xtrace::examples
