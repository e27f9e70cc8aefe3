#pragma once

/// What the span of `xtrace exec` says about its command, as pure functions.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/child_process.h"
#include "cli/span_context.h"
#include "cli/span_record.h"

namespace xtrace::cli {

/// Arguments may hold secrets, so they are recorded only where somebody asks for it.
enum class RecordArguments : std::uint8_t { no, yes };

/// The program's name without its folders: `/usr/bin/make` is `make`.
std::string base_name(const std::string& program);

/// `{{xray}}`, `{{traceparent}}` and `{{trace_id}}` in every argument but the program itself.
std::vector<std::string> fill_in(std::vector<std::string> arguments, const SpanContext& context);

/// The environment of the command: `inherited` with the trace's variables in place of those it
/// had. `daemon` is the value of AWS_XRAY_DAEMON_ADDRESS where the command line names a daemon of
/// its own; otherwise that variable stays as it is.
std::vector<std::string> child_environment(const std::vector<std::string>& inherited,
                                           const SpanContext& context, const std::string& daemon);

/// `exited with 3`, `killed by SIGKILL`, `timed out after 2s`, `cannot run x: ...`; how it ended
/// where nothing is wrong.
std::string describe_end(const ChildEnd& end, const std::string& program, Duration limit);

/// Adds what is known beforehand: the program, in the metadata's namespace `process`, and where
/// it is asked for its arguments as they were given.
void record_command(SpanRecord& record, const std::vector<std::string>& arguments,
                    RecordArguments asked);

/// Adds what is known when the command has ended: more of `process`, and the failure, if it is one.
void record_end(SpanRecord& record, const ChildEnd& end, const std::string& program,
                Duration limit);

/// The exit code of `xtrace exec` (cli.md section 4).
int exit_code_of(const ChildEnd& end);

}  // namespace xtrace::cli
