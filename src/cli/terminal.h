#pragma once

/// What the place the report goes to can show: colour, UTF-8, width.

#include <cstdint>
#include <functional>

#include "cli/report.h"

namespace xtrace::cli {

/// `getenv`, or a test's replacement.
using Environment = std::function<const char*(const char* name)>;

enum class ColorChoice : std::uint8_t { automatic, always, never };

struct TerminalFacts {
  bool is_terminal = false;
  int columns = 0;  ///< As the terminal says; 0 where it does not.
};

/// Asks the system about an open descriptor.
TerminalFacts inspect_terminal(int descriptor);

/// Colour: `--color` decides, else `NO_COLOR` (not empty) forbids, else `FORCE_COLOR` or
/// `CLICOLOR_FORCE` (not empty, not 0) demand, else a terminal that is not `TERM=dumb` gets it.
/// UTF-8: on a terminal, where the first set one of `LC_ALL`, `LC_CTYPE`, `LANG` says so. Width:
/// the terminal's, else `COLUMNS`, else 80; what is no terminal is always 80 wide.
Style make_style(const TerminalFacts& facts, ColorChoice color, const Environment& environment);

}  // namespace xtrace::cli
