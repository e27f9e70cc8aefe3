#pragma once

/// `xtrace id`: makes ids, and converts them between X-Ray and W3C.

#include "cli/flags.h"
#include "cli/process.h"

namespace xtrace::cli {

extern const VerbSyntax kIdSyntax;

/// One line on stdout for each id made or converted; `-` converts the lines of stdin as they come.
/// What is no id is told on stderr, the rest goes on, and the exit code is 2.
int run_id(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
