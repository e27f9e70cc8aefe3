#pragma once

/// The waterfall: a bar to scale for each row, its offset, its duration, and an axis below.

#include <string>
#include <vector>

#include "cli/breakdown.h"
#include "cli/report.h"
#include "cli/rows.h"

namespace xtrace::cli {

/// Never wider than the screen: below 60 columns offsets and remarks are left out, above that
/// remarks are cut where the bars need the room. A failed row ends in `X`, an abandoned dial in
/// `x`, what timed out is drawn with `~`.
std::string draw_picture(const std::vector<Row>& rows, const Breakdown& breakdown,
                         const Style& style);

}  // namespace xtrace::cli
