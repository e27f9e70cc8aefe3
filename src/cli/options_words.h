#pragma once

/// Where cxxopts reads a command line that has been spelt out for it.

#include "cli/flag_speller.h"
#include "cli/flags.h"

namespace xtrace::cli {

/// Fails with `invalid_config` where cxxopts refuses something.
Expected<CommandWords> read_words(const VerbSyntax& syntax, Spelling spelling);

}  // namespace xtrace::cli
