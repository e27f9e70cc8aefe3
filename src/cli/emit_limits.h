#pragma once

/// How long a command waits for its documents to arrive, for a person waits for the end, and what
/// it says where they did not.

#include <chrono>
#include <string>
#include <utility>

#include <xtrace/clock.h>
#include <xtrace/udp_emitter.h>

#include "cli/report.h"

namespace xtrace::cli {

/// For word from afar that nobody listens, and for room in a daemon's full buffer.
inline constexpr Duration kPatience = std::chrono::milliseconds(100);
inline constexpr Duration kLookupPatience = std::chrono::seconds(1);
/// What cannot be sent at once is told at once: nobody else's documents come after these, and a
/// thread that would try again is of no use.
inline constexpr UdpEmitterOptions kOnce{
    .max_delay = Duration::zero(), .absent_patience = Duration::zero(), .close_limit = {}};
/// A document is offered once.
inline constexpr Duration kAnswerPatience = std::chrono::seconds(5);

inline void note_failure(EmitReport& report, std::string reason) {
  report.outcome = EmitReport::Outcome::failed;
  report.reason = std::move(reason);
}

}  // namespace xtrace::cli
