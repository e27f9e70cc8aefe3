#pragma once

/// `xtrace exec`: runs a command inside a span.

#include "cli/flags.h"
#include "cli/process.h"

namespace xtrace::cli {

extern const VerbSyntax kExecSyntax;

/// Sends the span as it begins, runs the command with the trace in its environment, sends the span
/// as it ended, and returns the command's exit code, whatever became of the documents: 124 where it
/// ran out of time, 125 to 127 where it could not be run, 128 and the signal where one killed it.
/// `--require-emit` turns 0 into 69 where nobody took the documents.
int run_exec(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
