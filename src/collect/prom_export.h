#pragma once

/// What traces say of their services, in Prometheus' text format (version 0.0.4): how often each
/// was at work, what came of it, and how long it took.

#include <span>
#include <string>

#include "collect/trace_digest.h"

namespace xtrace::collect {

/// Calls for which the callee sent no segment count by what the caller saw. Work that is not over
/// does not count.
std::string prom_of_traces(std::span<const TraceDigest* const> digests);

}  // namespace xtrace::collect
