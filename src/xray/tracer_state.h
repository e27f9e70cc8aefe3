#pragma once

/// What a tracer shares with its segments; it lives as long as the last of them.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <xtrace/tracer.h>

#include "xray/log_limit.h"

namespace xtrace {

struct TracerState {
  explicit TracerState(const FinalizedTracerConfig& finalized);
  TracerState(const TracerState&) = delete;
  TracerState& operator=(const TracerState&) = delete;
  ~TracerState() = default;

  /// Sends what a segment's tree became, and tells what did not fit.
  void send(const DocumentSet& documents);
  void log(LogLimit& kind, std::string_view sentence);

  const TracerConfig config;
  const std::shared_ptr<Sampler> sampler;
  const std::shared_ptr<Emitter> emitter;
  std::atomic<std::uint64_t> segments{0};
  std::atomic<std::uint64_t> sampled{0};
  std::atomic<std::uint64_t> missing_contexts{0};
  std::atomic<std::uint64_t> late_values{0};
  LogLimit missing_context_log{};
  LogLimit refusal_log{};
};

}  // namespace xtrace
