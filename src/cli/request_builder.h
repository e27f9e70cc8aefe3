#pragma once

/// Makes the `Request` that a command line asks for.

#include <string_view>

#include <xtrace/expected.h>
#include <xtrace/http.h>

#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

/// URL (http where no scheme is given, as curl), method, body, credentials, and the fields: `-H`
/// wins over what other flags would send. Reads the files that flags name, and stdin. Errors: those
/// of `Url::parse` and `check_request`; `invalid_config` for a file that cannot be read and a field
/// that is none, repeating no value.
Expected<Request> build_request(const GetOptions& options, const Process& process);

/// Whether the caller asked to leave the automatic field of that name out.
bool is_omitted(const Request& request, std::string_view name);

}  // namespace xtrace::cli
