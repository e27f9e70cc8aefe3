#pragma once

/// `/metrics`: the collector's counters in Prometheus' text format (version 0.0.4).

#include <string>
#include <string_view>

#include "collect/collector_stats.h"

namespace xtrace::collect {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics_text(const CollectorStats& stats);

}  // namespace xtrace::collect
