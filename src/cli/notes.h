#pragma once

/// What `xtrace get` says on stderr beside its report.

#include <string_view>

#include "cli/options.h"
#include "cli/process.h"
#include "cli/report.h"

namespace xtrace::cli {

/// One line, `xtrace: ` before it.
void say(const Process& process, std::string_view sentence);

/// Warnings, unless `-s`: a segment that could not be sent or written, or that nobody took although
/// `--require-emit` wants it taken. On a terminal also, dimly, where the segment went or that
/// nobody took it, unless the picture on the same terminal says so.
void write_notes(const GetOptions& options, const Report& report, const Process& process);

}  // namespace xtrace::cli
