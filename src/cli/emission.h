#pragma once

/// Takes the segment's documents to where they belong and tells what became of them.

#include <xtrace/document_set.h>
#include <xtrace/emitter.h>
#include <xtrace/expected.h>

#include "cli/options.h"
#include "cli/process.h"
#include "cli/report.h"

namespace xtrace::cli {

/// The target with the environment's say in it: never `Kind::environment`. Fails with
/// `invalid_config`, naming the variable.
Expected<EmitTarget> decide_emit_target(const EmitTarget& target, const Environment& environment);

/// `udp://127.0.0.1:2000`, `tcp://127.0.0.1:2000`, `file:PATH`, `-`, or nothing.
std::string to_string(const EmitTarget& target);

struct EmitResult {
  EmitReport report{};
  EmitterStats books{};  ///< What the emitter counted, to its end.
};

/// Sends and fills the report. On this host a refusal is known at once; from farther away it is
/// waited for, at most 100 ms, only where `--require-emit` makes it matter. A daemon's name may
/// take a second to be looked up.
EmitResult emit_documents(const EmitTarget& target, const DocumentSet& documents,
                          bool requires_emit, const Process& process);

}  // namespace xtrace::cli
