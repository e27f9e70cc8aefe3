#pragma once

/// Sends the request of `xtrace get`, as it is or as a plan, until it is over or a signal ends it.

#include <optional>
#include <vector>

#include <xtrace/circuit_breaker.h>
#include <xtrace/client.h>
#include <xtrace/loop.h>
#include <xtrace/plan_client.h>
#include <xtrace/pool_stats.h>
#include <xtrace/trace_id.h>
#include <xtrace/traced_plan.h>

#include "cli/conversation.h"
#include "cli/get_prepare.h"
#include "cli/options.h"

namespace xtrace::cli {

/// A plan that is over.
struct ReachedPlan {
  Execution execution;
  std::vector<SentId> sent{};               ///< What the physical requests told the server.
  std::vector<RaceDecision> race_vetoes{};  ///< Rivals that were not started.
  std::optional<BreakerStats> breaker{};    ///< Of the bucket it belongs to.
  std::optional<BreakerConfig> breaker_limits{};
};

/// What the request came to, and the signal that ended it, if one did.
struct Reached {
  Exchange exchange;  ///< Of a plan, what stands for it: `final_exchange`.
  int signal = 0;
  std::vector<SegmentId> ids{};  ///< That the physical requests told the server.
  PoolStats pool{};
  std::optional<ReachedPlan> plan{};
};

struct Performance {
  Loop& loop;
  const GetOptions& options;
  PreparedGet& prepared;
  /// How `-v` tells what happens; null where nobody asked.
  const Conversation::Options* conversation = nullptr;
};

/// Runs the loop. The body is written as it comes, or, where an answer may be given up for another
/// one, when it has won; `--metrics` hears of everything.
Reached perform(const Performance& performance);

}  // namespace xtrace::cli
