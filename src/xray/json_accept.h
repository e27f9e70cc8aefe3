#pragma once

/// Whether a text is JSON.

#include <string_view>

namespace xtrace {

/// True for exactly one JSON value (RFC 8259) in valid UTF-8, white space around it allowed.
bool is_json(std::string_view text);

}  // namespace xtrace
