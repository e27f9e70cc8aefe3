#pragma once

/// What the system says went wrong, as the reason in a message: `connection refused
/// (ECONNREFUSED)`. In English whatever the locale, and from any thread.

#include <string>

namespace xtrace {

/// Of an `errno`.
std::string system_reason(int code);

/// Of what getaddrinfo(3) returned, with the `errno` that explains EAI_SYSTEM.
std::string lookup_reason(int status, int error_number);

}  // namespace xtrace
