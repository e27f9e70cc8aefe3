#pragma once

/// The verbs of `xtrace`: which there are, and which one a command line means.
///
/// flags.h says what a new verb needs; its row stands in verbs.cpp.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cli/flags.h"
#include "cli/process.h"

namespace xtrace::cli {

struct Verb {
  const VerbSyntax* syntax = nullptr;
  /// Gets flags that have been read and returns the exit code. Not called for `--help`.
  int (*run)(const ParsedFlags& flags, Process& process) = nullptr;
};

/// Every verb, in the order of the help.
std::vector<Verb> verb_table();

/// The verb of that name (`get`, `span begin`), or nothing.
std::optional<Verb> find_verb(std::string_view name);

/// Does what `arguments` (without the program's name) ask for and returns the exit code, unless
/// `process.ends_at_once` and a request was made: then the process has ended.
int run_command_line(std::span<const std::string_view> arguments, Process& process);

}  // namespace xtrace::cli
