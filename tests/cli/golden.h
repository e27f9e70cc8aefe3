#pragma once

/// Golden files: what a program must print, byte for byte.

#include <string>
#include <string_view>

namespace xtrace::testing {

/// Compares `actual` with tests/golden/`name`. With XTRACE_UPDATE_GOLDEN=1 in the environment the
/// file is written instead; read the difference before you commit it.
void check_golden(std::string_view name, const std::string& actual);

}  // namespace xtrace::testing
