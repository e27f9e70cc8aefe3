#pragma once

/// Whether a text is JSON.

#include <string>
#include <string_view>

namespace xtrace {

/// True for exactly one JSON value (RFC 8259) in valid UTF-8, white space around it allowed.
bool is_json(std::string_view text);

/// The same JSON on one line, for a line of a file holds one document.
std::string without_line_ends(std::string_view json);

}  // namespace xtrace
