#pragma once

/// All of one traced request that can be refused before anything is sent.

#include <memory>
#include <optional>
#include <string>

#include <xtrace/client_config.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>

#include "cli/metrics_setup.h"
#include "cli/option_values.h"
#include "cli/options.h"
#include "cli/output_sink.h"
#include "cli/process.h"
#include "cli/trace_setup.h"

namespace xtrace::cli {

struct PreparedGet {
  Request request;
  FinalizedClientConfig config;
  EmitTarget target;
  OutputSink sink;
  TraceSetup trace;
  std::optional<std::string> write_out;
  std::unique_ptr<MetricsSetup> metrics;  ///< Null without `--metrics`.
};

/// Errors: those of `build_request`, `settle_client`, `decide_emit_target`, `OutputSink::open`,
/// `read_write_out` and `MetricsSetup::open`. Says what is ignored, unless it is to be silent.
Expected<PreparedGet> prepare_get(const GetOptions& options, const Process& process);

}  // namespace xtrace::cli
