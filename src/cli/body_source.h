#pragma once

/// The body of a request from its `-d`, `--data-raw`, `--data-binary` and `--json` flags, with
/// curl's rules: pieces are joined with `&`, those of `--json` with nothing; `@FILE` reads a file
/// and `@-` stdin, of which `-d` leaves out CR, LF and NUL; for `--data-raw` an `@` is a letter
/// like any other.

#include <span>
#include <string>

#include <xtrace/expected.h>

#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

/// Fails with `invalid_config`, naming the file that cannot be read.
Expected<std::string> read_body(std::span<const BodyPart> parts, const Process& process);

}  // namespace xtrace::cli
