#pragma once

/// `--format csv`: a row for each request, RFC 4180.
///
/// The columns are `number started_at trace_id method url status error error_phase warm connection
/// remote late_us`, then one for each phase, `total_us`, `ttfb_us`, `body_bytes`, `attempts` and
/// `waves`. Times are whole microseconds, `started_at` seconds since the epoch. A field is empty
/// where it did not happen, the last two without a plan. Of a plan, the phases are those of the
/// attempt that it ended with.

#include <cstdint>
#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// With its line end, as every row.
std::string csv_header();

/// `number` counts from 1; `late` is how long after its intended start the request began.
std::string csv_row(const Report& report, std::uint64_t number, Duration late);

/// One request: the header and its row.
std::string render_csv(const Report& report);

}  // namespace xtrace::cli
