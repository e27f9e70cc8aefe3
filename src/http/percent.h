#pragma once

/// Percent-encoding of URL parts (RFC 3986 section 2).

#include <optional>
#include <string>
#include <string_view>

namespace xtrace {

/// Encodes every byte that is neither unreserved, nor a sub-delimiter, nor one of `also_allowed`.
/// An escape that is already there (`%` and two hex digits) stays as it is; a lone `%` becomes
/// `%25`.
std::string percent_encode(std::string_view text, std::string_view also_allowed);

/// Nothing where a `%` is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace xtrace
