#pragma once

/// `xtrace completion`: what a shell needs to complete command lines of xtrace, made from the
/// tables of verbs and flags.

#include "cli/flags.h"
#include "cli/process.h"

namespace xtrace::cli {

extern const VerbSyntax kCompletionSyntax;

/// A script for bash, zsh or fish on stdout.
int run_completion(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
