#pragma once

/// Rewrites curl's spellings to one word per flag.
///
/// cxxopts reads that form only: without <regex> it takes `-o/tmp/x` and values that begin with a
/// dash for mistakes.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/flags.h"

namespace xtrace::cli {

/// What cxxopts calls a flag: its name, with `_` for the dots it knows no names with, or its
/// letter.
std::string parser_name(const FlagRow& row);

/// A command line in one word per flag (`--name` or `--name=value`), the flags that it uses, and
/// the command behind them where the verb takes one.
struct Spelling {
  std::vector<std::string> words;
  std::vector<const FlagRow*> rows;
  std::vector<std::string> rest;
};

/// Fails with `invalid_config`: an unknown flag, a value too many or too few, in one sentence.
Expected<Spelling> spell_flags(const VerbSyntax& syntax,
                               std::span<const std::string_view> arguments);

}  // namespace xtrace::cli
