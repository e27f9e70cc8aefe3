#pragma once

/// `xtrace check`: is a daemon there, what does it answer, which settings apply.

#include "cli/flags.h"
#include "cli/process.h"

namespace xtrace::cli {

extern const VerbSyntax kCheckSyntax;

/// 0 where documents reach a daemon, 69 where they do not, 2 where a setting is wrong.
int run_check(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
