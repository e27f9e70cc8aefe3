#pragma once

/// What the programs of tools/bench that use the library share.

#include <cstddef>
#include <string>

#include <xtrace/client.h>

namespace xtrace::bench {

/// Ends the program where it is none.
Url parse(const std::string& text);

/// A client that keeps so many connections for as long as it lives, and takes no proxy. `ca_file`
/// as in `TlsConfig`.
FinalizedClientConfig make_config(std::size_t connections, const std::string& ca_file);

}  // namespace xtrace::bench
