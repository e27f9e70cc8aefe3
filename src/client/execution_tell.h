#pragma once

/// How an execution calls handlers: the client's in their order, then the plan's.

#include "client/execution_state.h"
#include "client/plan_core.h"

namespace xtrace {

template <class List, class... More>
void ExecutionState::tell(List PlanHandlers::*list, const More&... more) {
  for (const auto& handler : core_.config.handlers.*list) handler(execution_, more...);
  for (const auto& handler : plan().handlers.*list) handler(execution_, more...);
}

}  // namespace xtrace
