#pragma once

/// An `errno` as the reason in a message: `connection refused (ECONNREFUSED)`.

#include <string>

namespace xtrace {

/// In English whatever the locale. From any thread.
std::string system_reason(int code);

}  // namespace xtrace
