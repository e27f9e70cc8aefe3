#pragma once

/// All of a run that can be refused before anything is sent.

#include <memory>

#include <xtrace/client_config.h>
#include <xtrace/emitter.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>

#include "cli/metrics_setup.h"
#include "cli/option_values.h"
#include "cli/options.h"
#include "cli/process.h"

namespace xtrace::cli {

struct PreparedLoad {
  Request request;
  FinalizedClientConfig config;
  EmitTarget target;
  std::unique_ptr<Emitter> emitter;       ///< Null where documents go to stdout or nowhere.
  std::unique_ptr<MetricsSetup> metrics;  ///< Null without `--metrics`.
};

/// The request, the client's settings with a pool that holds `-c` connections, and one emitter for
/// the whole run. Errors: those of `build_request`, `settle_client` and `decide_emit_target`;
/// `emit_failed` for a file that cannot be opened; those of `open_metrics`.
Expected<PreparedLoad> prepare_load(const GetOptions& options, const Process& process);

/// Every connection takes a descriptor: asks for as many as the system grants.
void make_room_for(std::size_t connections);

}  // namespace xtrace::cli
