#pragma once

/// Base64 for words: RFC 4648 section 5, without padding.

#include <optional>
#include <string>
#include <string_view>

namespace xtrace::cli {

std::string to_base64url(std::string_view bytes);

/// Nothing where the text is not exactly what `to_base64url` writes.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace xtrace::cli
