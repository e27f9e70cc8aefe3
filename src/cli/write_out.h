#pragma once

/// `-w FORMAT`: curl's variables, filled in from the report.
///
/// `%{name}` is a variable, `%header{Name}` a field of the last response, `%{json}` all variables,
/// `%{header_json}` all fields; `\n \r \t` and `%%` are what they are in curl. Times count from the
/// start of the call, over redirects and repeats. URLs and fields are redacted as everywhere.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

#include "cli/process.h"
#include "cli/report.h"

namespace xtrace::cli {

/// The format itself: read, without its line ends, where it is `@FILE` or `@-`. Fails with
/// `invalid_config`, naming the file.
Expected<std::optional<std::string>> read_write_out(const std::optional<std::string>& format,
                                                    const Process& process);

struct WrittenOut {
  std::string out{};                   ///< For the report's stream.
  std::string err{};                   ///< What stands behind `%{stderr}`.
  std::vector<std::string> unknown{};  ///< Variables that there are not; they print as nothing.
};

WrittenOut write_out(std::string_view format, const Report& report);

}  // namespace xtrace::cli
