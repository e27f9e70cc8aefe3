#pragma once

/// The parameters of a request's query, as forms and `URLSearchParams` write them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace::collect {

/// The first parameter of that name, decoded (`+` is a space); unset where there is none, or where
/// its escapes are broken.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// Digits only; unset for anything else.
std::optional<std::uint64_t> query_number(std::string_view query, std::string_view name);

}  // namespace xtrace::collect
