#pragma once

/// Reads configuration files: lines `flag-name = value`, as curl's ~/.curlrc has them.
///
/// A name is a flag's long name without its dashes. A flag without a value stands alone, or is
/// `true` or `false`. A line that begins with `#` is a comment; `[emit]` begins the lines that only
/// that verb reads. Nothing is expanded, nothing is run.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

namespace xtrace::cli {

struct ConfigLine {
  std::size_t number = 0;  ///< From 1 on.
  std::string section{};   ///< Empty: before any `[verb]`.
  std::string name{};
  std::optional<std::string> value{};  ///< Absent where there is no `=`.
};

/// Fails with `invalid_config` at the first line that is none: `PATH:LINE: reason`, which repeats
/// no value.
Expected<std::vector<ConfigLine>> parse_config(std::string_view text, const std::string& path);

/// Where a file was looked for, and what became of that.
struct ConfigFile {
  /// Who answers for what it says.
  enum class Kind : std::uint8_t { user, project, named };
  /// `ignored`: a project's file that another user owns or may change, or that cannot be read.
  enum class State : std::uint8_t { read, absent, ignored };

  Kind kind = Kind::user;
  State state = State::absent;
  std::string path{};    ///< Empty where the environment does not tell where it would be.
  std::string reason{};  ///< Why it is ignored.
  std::vector<ConfigLine> lines{};
};

/// Reads one file. Fails with `invalid_config` where a line is wrong, or where a file that is not a
/// project's cannot be read; a `named` one must also be there.
Expected<ConfigFile> read_config_file(ConfigFile::Kind kind, std::string path);

/// The nearest `.xtracerc` from `directory` upwards, as far as `home` or the root; empty where
/// there is none.
std::string find_project_file(std::string_view directory, std::string_view home);

}  // namespace xtrace::cli
