#pragma once

/// What `xtrace get` says on stderr beside its report.

#include <string_view>

#include "cli/options.h"
#include "cli/process.h"
#include "cli/report.h"

namespace xtrace::cli {

/// One line, `xtrace: ` before it.
void say(const Process& process, std::string_view sentence);

/// Warnings, unless `-s`: a segment that nobody took (dimly, and only on a terminal, unless
/// `--require-emit` makes it a failure), one that could not be sent or written, and, on a terminal,
/// where it went when the report does not tell.
void write_notes(const GetOptions& options, const Report& report, const Process& process);

}  // namespace xtrace::cli
