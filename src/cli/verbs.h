#pragma once

/// The verbs of `xtrace`: which there are, and which one a command line means.

#include <span>
#include <string_view>

#include "cli/process.h"

namespace xtrace::cli {

struct Verb {
  std::string_view name;
  std::string_view usage;   ///< How the help shows it.
  std::string_view method;  ///< What it sends; empty where flags decide, or nothing is sent.
  bool is_request;
  std::string_view help;
};

std::span<const Verb> verb_table();

/// The verb of that name, or null.
const Verb* find_verb(std::string_view name);

/// Does what `arguments` (without the program's name) ask for and returns the exit code, unless
/// `process.ends_at_once` and a request was made: then the process has ended.
int run_command_line(std::span<const std::string_view> arguments, Process& process);

}  // namespace xtrace::cli
