#pragma once

/// Bars made of character cells: eighth blocks on UTF-8 terminals, `#` elsewhere.

#include <cstddef>
#include <string>
#include <vector>

#include <xtrace/clock.h>

#include "cli/paint.h"
#include "cli/rows.h"

namespace xtrace::cli {

/// How time maps to cells.
struct BarScale {
  Quanta total = 1;
  std::size_t cells = 1;

  /// The nearest border between cells.
  std::size_t border(Quanta at) const;
  /// In eighths of a cell.
  std::size_t eighths(Quanta at) const;
};

/// Puts the row's bar into `line`, at most `scale.cells` columns. However short the phase,
/// something is drawn.
void draw_bar(Line& line, const Row& row, const BarScale& scale, const Style& style);

/// The axis of a picture whose bars begin at column `indent`: one line of round ticks, and a rule
/// above it on UTF-8 terminals.
std::string draw_axis(std::size_t indent, const BarScale& scale, Duration total,
                      const Style& style);

}  // namespace xtrace::cli
