#pragma once

/// Text on a terminal: what came from the network is made harmless, and widths are counted in
/// columns.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/report.h"

namespace xtrace::cli {

/// `text` with everything that could steer a terminal or hide from the reader made visible: control
/// characters (ESC as
/// `\x1b`), invalid UTF-8 (`\xff`), direction overrides and invisible characters (`\u{202e}`);
/// outside UTF-8 terminals everything that is not ASCII. A line feed becomes `\n`, so the result is
/// always one line.
std::string escape_for_terminal(std::string_view text, const Style& style);

/// How many columns valid UTF-8 takes: East Asian wide characters count two, combining marks none.
std::size_t display_width(std::string_view text);

/// The longest beginning of `text` that takes at most `width` columns, an ellipsis included where
/// something was cut.
std::string cut_to_width(std::string_view text, std::size_t width, const Style& style);

/// `1 request`, `2 requests`.
std::string counted(std::uint64_t number, std::string_view thing);

}  // namespace xtrace::cli
