#pragma once

/// Reading JSON that others wrote, for the readers of manifests and of the service's replies: the
/// json_*.cpp files alone see the library behind it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <xtrace/expected.h>

namespace xtrace {

using Json = nlohmann::json;

/// What becomes of an object that names a key twice.
enum class RepeatedKeys : std::uint8_t { refuse, last_wins };

/// One JSON value, nested 32 levels at most. The error's sentence tells the line, the column and
/// the reason.
Expected<Json> read_json(std::string_view text, RepeatedKeys repeated_keys);

/// The member of an object; null where there is none, where it is JSON's null, or where `value` is
/// no object.
const Json* find_member(const Json& value, const char* key);

/// The value as a number, a string, or a whole number from 0 on (2.0 is one). Nothing where there
/// is no value, or one of another kind.
std::optional<double> number_of(const Json* value);
std::optional<std::string_view> text_of(const Json* value);
std::optional<std::uint64_t> count_of(const Json* value);

}  // namespace xtrace
