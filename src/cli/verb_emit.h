#pragma once

/// `xtrace emit`: segment documents from files or the standard input to the daemon.

#include <optional>
#include <string>
#include <vector>

#include <xtrace/expected.h>

#include "cli/flags.h"
#include "cli/option_values.h"
#include "cli/process.h"

namespace xtrace::cli {

extern const VerbSyntax kEmitSyntax;

struct EmitOptions {
  std::vector<std::string> files;  ///< `-` is the standard input; never empty.
  EmitTarget target;
  bool mends = false;
  bool restamps = false;
  bool is_strict = false;
  bool is_dry = false;
  bool is_silent = false;
  bool requires_emit = false;
  std::optional<double> rate;  ///< Documents a second.
};

/// Fails with `invalid_config`: a complete sentence.
Expected<EmitOptions> read_emit_options(const ParsedFlags& flags, const Environment& environment);

/// Sends every valid document of the input, says on stderr which were refused and why, and how many
/// were sent.
///
/// The exit code is that of what was worst: 128 + N by a signal, 23 where the output cannot be
/// written, 2 where a file cannot be read, 65 where a document was refused, 69 with
/// `--require-emit` where a document did not arrive.
int run_emit(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
