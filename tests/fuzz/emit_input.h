#pragma once

/// What the fuzz target of `xtrace emit`'s input does with it.

#include <cstddef>
#include <string>
#include <string_view>

#include "xray/json_check.h"

namespace xtrace::testing {

/// Ends the process where our reader and nlohmann's disagree about `text` being JSON.
void compare_with_nlohmann(std::string_view text);

/// Reads documents and refusals from `text`, `step` bytes at a time, and returns them as a log.
/// Ends the process where a document that was handed out, stamped or split is not what it must be.
std::string read_all(std::string_view text, std::size_t step, const CheckOptions& check);

}  // namespace xtrace::testing
