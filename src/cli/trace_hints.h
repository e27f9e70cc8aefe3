#pragma once

/// What a trace's waterfall means where that is not obvious, and what is missing of it.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

struct TraceView;

/// One line each: `path` for where the end was waited for, `hint` for time that nobody explains,
/// `wait` for what has not come, `note` for what is odd.
std::string draw_trace_hints(const TraceView& view, const Style& style);

/// What keeps a trace from being complete, as it follows its id: `orders waits for its parent
/// 53995c3f42cd8ad8`; empty where it cannot be told.
std::string what_is_missing(const TraceView& view);

}  // namespace xtrace::cli
