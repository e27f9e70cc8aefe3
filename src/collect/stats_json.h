#pragma once

/// The collector's counters as an object: `/api/stats`, and in each event of `/api/events`.

#include "base/json_writer.h"
#include "collect/collector_stats.h"

namespace xtrace::collect {

void write_stats(JsonWriter& json, const CollectorStats& stats);

}  // namespace xtrace::collect
