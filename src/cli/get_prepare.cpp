#include "cli/get_prepare.h"

#include <utility>

#include "cli/client_settings.h"
#include "cli/emission.h"
#include "cli/notes.h"
#include "cli/request_builder.h"
#include "cli/write_out.h"

namespace xtrace::cli {

Expected<PreparedGet> prepare_get(const GetOptions& options, const Process& process) {
  auto request = build_request(options, process);
  if (const auto* error = request.if_error()) return *error;
  auto config = settle_client(options, process.environment);
  if (const auto* error = config.if_error()) return *error;
  auto target = decide_emit_target(options.trace.emit, process.environment);
  if (const auto* error = target.if_error()) return *error;
  auto metrics = open_metrics(options.metrics);
  if (const auto* error = metrics.if_error()) return *error;
  auto sink = OutputSink::open(options.output.body_file, process);
  if (const auto* error = sink.if_error()) return *error;
  auto write_out = read_write_out(options.output.write_out, process);
  if (const auto* error = write_out.if_error()) return *error;
  TraceSetup trace = make_trace_setup(options.trace, process.environment, now().wall);
  if (trace.ignores_caller && !options.output.is_silent) {
    say(process, "_X_AMZN_TRACE_ID holds no trace id, so a new trace begins");
  }
  return PreparedGet{std::move(request).value(), std::move(config).value(),
                     std::move(target).value(),  std::move(sink).value(),
                     std::move(trace),           std::move(write_out).value(),
                     std::move(metrics).value()};
}

}  // namespace xtrace::cli
