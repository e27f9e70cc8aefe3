#pragma once

/// The variables of `-w`, by name.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <xtrace/clock.h>

#include "cli/report.h"

namespace xtrace::cli {

/// Text that is not there is `null` in JSON and nothing elsewhere.
using WriteOutValue = std::variant<std::optional<std::string>, std::int64_t, Duration>;

/// Unset for a name that is no variable.
std::optional<WriteOutValue> find_write_out_variable(std::string_view name, const Report& report);

/// All of them as curl's `%{json}`: one object, names in order.
std::string write_out_json(const Report& report);

/// The fields of the last response as curl's `%{header_json}`: names in lower case, each with a
/// list of its values.
std::string write_out_header_json(const Report& report);

/// As it is printed: `0.001234`, `200`, text.
std::string to_text(const WriteOutValue& value);

}  // namespace xtrace::cli
