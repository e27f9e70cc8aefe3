#pragma once

/// How DogStatsD writes a series, but for its values. What is cleaned, and why, is told in
/// <xtrace/dogstatsd_sink.h>.

#include <span>
#include <string>
#include <string_view>

#include <xtrace/metrics_sink.h>

#include "instrument/series_table.h"

namespace xtrace {

std::string dogstatsd_name(std::string_view prefix, std::string_view name);

/// Cleaned and sorted.
MetricTags dogstatsd_tags(std::span<const MetricTag> tags);

/// What stands behind the values: `|h|#key:value,key:value`.
std::string dogstatsd_tail(MetricInfo::Kind kind, const MetricTags& common, const MetricTags& own);

}  // namespace xtrace
