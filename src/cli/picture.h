#pragma once

/// The waterfall: a bar to scale for each row, its offset, its duration, and an axis below.

#include <span>
#include <string>
#include <vector>

#include "cli/breakdown.h"
#include "cli/rows.h"

namespace xtrace::cli {

/// Rows to scale over their axis; nothing where there is no row or no time.
std::string draw_picture(const std::vector<Row>& rows, const Breakdown& breakdown,
                         const Style& style);

/// Several groups of rows on one axis.
struct Picture {
  std::vector<std::string> groups;  ///< Whole lines, one text for each group.
  std::string axis;
};

/// `total` is the end of the axis, in steps of `scale`. Columns stand under each other in all
/// groups.
Picture draw_groups(std::span<const std::vector<Row>> groups, const Scale& scale, Quanta total,
                    const Style& style);

}  // namespace xtrace::cli
