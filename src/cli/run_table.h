#pragma once

/// The table of percentiles and the drawing of a run's distribution: the two large blocks of its
/// report.

#include <string>

#include "cli/load_stats.h"
#include "cli/report.h"
#include "cli/units.h"

namespace xtrace::cli {

/// What all times of a run's report share: the unit in which the median of the totals reads well.
Scale make_run_scale(const LoadStats& stats, Style::Unit unit);

/// A row for each phase and kind of connection that was seen; fewer columns where the screen is
/// narrow. Phases that print as nothing but zeros are left out.
std::string draw_run_table(const LoadStats& stats, const Scale& scale, const Style& style);

/// How the totals are spread, of reused connections where there were any: bars of equal steps,
/// those with nothing in them left out, the last of many holding all that was slower. Nothing for
/// fewer than ten requests.
std::string draw_distribution(const LoadStats& stats, const Scale& scale, const Style& style);

/// The slowest requests with their traces; nothing for fewer than ten requests.
std::string draw_slowest(const LoadStats& stats, const Scale& scale, const Style& style);

}  // namespace xtrace::cli
