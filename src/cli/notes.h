#pragma once

/// What a verb says on stderr: sentences, refusals, and the notes of `xtrace get`.

#include <string_view>

#include "cli/options.h"
#include "cli/process.h"
#include "cli/report.h"

namespace xtrace::cli {

/// One line, `xtrace: ` before it.
void say(const Process& process, std::string_view sentence);

/// Why the command line is refused: one line, complete as it is (`ParsedFlags::refuse`). Returns
/// the exit code.
int refuse_usage(const Process& process, const Error& error);

/// Warnings, unless `-s`: a segment that could not be sent or written, or that nobody took although
/// `--require-emit` wants it taken. On a terminal also, dimly, where the segment went or that
/// nobody took it, unless the picture on the same terminal says so.
void write_notes(const GetOptions& options, const Report& report, const Process& process);

}  // namespace xtrace::cli
