#pragma once

/// What the programs of tools/bench that use the library share.

#include <cstddef>
#include <memory>
#include <string>

#include <xtrace/client.h>
#include <xtrace/tracer.h>

namespace xtrace::bench {

/// Ends the program where it is none.
Url parse(const std::string& text);

/// A client that keeps so many connections for as long as it lives, and takes no proxy. `ca_file`
/// as in `TlsConfig`.
FinalizedClientConfig make_config(std::size_t connections, const std::string& ca_file);

/// A tracer that takes nothing from the environment and records this share of what it begins.
std::unique_ptr<Tracer> make_tracer(std::shared_ptr<Emitter> emitter, double sampled);

}  // namespace xtrace::bench
