#pragma once

/// The body of a request from the flags that make one, with curl's rules: pieces of `-d`,
/// `--data-raw` and `--data-binary` are joined with `&`, those of `--json` with nothing; `@FILE`
/// reads a file and `@-` stdin, of which `-d` leaves out CR, LF and NUL; for `--data-raw` an `@` is
/// a letter like any other. `-F` makes a form in parts, `-T` sends a file.
///
/// What `-T` and `-F` upload is read while it is sent, and so is a file of more than a MiB that
/// `--data-binary` or `--json` name alone; the rest is held in memory.

#include <string>

#include <xtrace/expected.h>
#include <xtrace/http.h>

#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

/// Gives `request` its body or its supply, and the Content-Type of a form unless it has one of its
/// own. Fails with `invalid_config`, naming the file that cannot be read.
Expected<void> add_body(Request& request, const GetOptions& options, const Process& process);

/// The URL that `-T FILE` means: one that ends in `/`, or has no path, gets the name of the file,
/// percent-encoded; one with a query stays as it is.
std::string add_file_name(std::string url, const std::string& file);

/// Whether `-T` reads stdin.
bool is_standard_input(const std::string& file);

}  // namespace xtrace::cli
