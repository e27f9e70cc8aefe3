#pragma once

/// What the environment has to say about the client of a command: its proxies, its key log.

#include <xtrace/client_config.h>
#include <xtrace/expected.h>

#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

/// The proxies of a command: those of the environment (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`,
/// `NO_PROXY`), or that of `-x` alone, which then also leads to this machine and whatever NO_PROXY
/// names; `--noproxy` has the last word.
ProxyConfig choose_proxies(const GetOptions& options, const Environment& environment);

/// The client's settings: those of the flags, the proxies, and `SSLKEYLOGFILE`. Fails as
/// `xtrace::finalize_config` does.
Expected<FinalizedClientConfig> settle_client(const GetOptions& options,
                                              const Environment& environment);

}  // namespace xtrace::cli
