#pragma once

/// A trace as those take it who write it in other programs' formats.

#include <xtrace/trace_id.h>

#include "collect/trace_tree.h"

namespace xtrace::collect {

struct ExportTrace {
  TraceId id{};
  const TraceTree& tree;
};

}  // namespace xtrace::collect
