#pragma once

/// What Prometheus calls our metrics, whoever writes them.
///
/// A name keeps letters, digits, colons and underscores; anything else becomes an underscore. Times
/// are in seconds and end in `_seconds`, sizes in `_bytes`, and behind that counters in `_total`.

#include <span>
#include <string>

#include <xtrace/metrics_sink.h>

#include "instrument/series_table.h"

namespace xtrace {

/// `toolkit_http_client_request_time_seconds`
std::string prometheus_name(const MetricInfo& info);

/// The help in one line and without backslashes, since prometheus-cpp 1.0 escapes neither:
/// newlines become spaces, backslashes slashes.
std::string prometheus_help(const MetricInfo& info);

/// What a value in the metric's unit is divided by to be in Prometheus'.
double prometheus_divisor(MetricInfo::Unit unit);

/// Labels with valid names, one of each, sorted. A tag without a value is none, as to Prometheus. A
/// name that Prometheus keeps for itself (`le`, `quantile`, `__x`) gets `exported_` in front, and
/// tags whose names become the same share a label, their values joined by semicolons.
MetricTags prometheus_labels(std::span<const MetricTag> tags);

/// Upper bounds, without infinity, of a histogram that has none of its own, in Prometheus' unit.
std::span<const double> prometheus_buckets(MetricInfo::Unit unit);

}  // namespace xtrace
