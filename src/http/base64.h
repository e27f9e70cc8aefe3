#pragma once

/// Base64 of RFC 4648 section 4, for Basic authentication.

#include <string>
#include <string_view>

namespace xtrace {

/// With padding, without line breaks.
std::string to_base64(std::string_view bytes);

}  // namespace xtrace
