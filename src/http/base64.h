#pragma once

/// Base64 of RFC 4648 section 4, for Basic authentication.

#include <initializer_list>
#include <string>
#include <string_view>

namespace xtrace {

/// With padding, without line breaks.
std::string to_base64(std::string_view bytes);

/// Appends the Base64 of the pieces as if they were one.
void append_base64(std::string& into, std::initializer_list<std::string_view> pieces);

}  // namespace xtrace
