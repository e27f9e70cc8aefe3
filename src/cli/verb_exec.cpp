#include "cli/verb_exec.h"

#include <array>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "cli/child_process.h"
#include "cli/common_flags.h"
#include "cli/document_sink.h"
#include "cli/exec_record.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "cli/signal_hold.h"
#include "cli/span_record.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kCommandGroup = "Command";

constexpr auto kExecFlags = std::to_array<FlagRow>({
    {.name = "timeout",
     .argument = "TIME",
     .group = kCommandGroup,
     .in_short_help = true,
     .help = "send the command TERM after TIME (2, 1.5s, 200ms, 1m) and exit with 124",
     .files = FileUse::project},
    {.name = "kill-after",
     .argument = "TIME",
     .group = kCommandGroup,
     .help = "send it KILL so long after TERM; default: 5s",
     .files = FileUse::project},
    {.name = "name",
     .argument = "NAME",
     .group = kTraceGroup,
     .in_short_help = true,
     .help = "name of the segment; default: the command's, without its folders",
     .files = FileUse::project},
    kAnnotateFlag,
    kMetadataFlag,
    {.name = "record-arguments",
     .group = kTraceGroup,
     .help = "record the command's arguments, which may hold secrets, and not its name alone",
     .files = FileUse::user},
    kTraceHeaderFlag,
    kSampledOrNotFlag,
    kEmitFlag,
    kRequireEmitFlag,
    kSilentFlag,
});

struct ExecOptions {
  std::vector<std::string> arguments;
  TraceOptions trace;
  Duration limit{};
  Duration grace = ChildCommand{}.grace;
  RecordArguments arguments_recorded = RecordArguments::no;
  bool is_silent = false;
};

Expected<Duration> read_time(const ParsedFlags& flags, std::string_view name, Duration otherwise) {
  const auto text = flags.value(name);
  if (!text) return otherwise;
  auto time = parse_duration(*text);
  if (const auto* error = time.if_error()) return flags.refuse(name, error->message);
  return time;
}

Expected<ExecOptions> read_exec_options(const ParsedFlags& flags) {
  if (flags.rest().empty() || flags.rest().front().empty()) {
    return flags.refuse("needs a command, as in xtrace exec -- make test");
  }
  auto trace = read_trace_options(flags);
  if (const auto* error = trace.if_error()) return *error;
  const auto limit = read_time(flags, "timeout", Duration::zero());
  if (const auto* error = limit.if_error()) return *error;
  const auto grace = read_time(flags, "kill-after", ChildCommand{}.grace);
  if (const auto* error = grace.if_error()) return *error;
  return ExecOptions{.arguments = flags.rest(),
                     .trace = std::move(trace).value(),
                     .limit = *limit,
                     .grace = *grace,
                     .arguments_recorded =
                         flags.has("record-arguments") ? RecordArguments::yes : RecordArguments::no,
                     .is_silent = flags.has("silent")};
}

TraceHeader find_caller(const ExecOptions& options, const Process& process) {
  TraceHeader caller = options.trace.header ? parse_trace_header(*options.trace.header)
                                            : read_caller(process.environment);
  if (options.trace.sampled) caller.sampled = *options.trace.sampled;
  return caller;
}

SpanRecord begin_record(const ExecOptions& options, const Process& process, WallTime start) {
  SpanRecord record;
  record.context = make_span_context(find_caller(options, process), start);
  record.name = options.trace.name.value_or(base_name(options.arguments.front()));
  record.start = start;
  record.annotations = options.trace.annotations;
  record.metadata = options.trace.metadata;
  record_command(record, options.arguments, options.arguments_recorded);
  return record;
}

ChildCommand make_command(const ExecOptions& options, const SpanContext& context,
                          const Process& process) {
  const EmitTarget& given = options.trace.emit;
  const bool has_daemon = given.kind == EmitTarget::Kind::udp;
  const auto inherited = process.variables ? process.variables() : std::vector<std::string>{};
  return {.arguments = fill_in(options.arguments, context),
          .environment =
              child_environment(inherited, context, has_daemon ? given.endpoint.to_string() : ""),
          .limit = options.limit,
          .grace = options.grace};
}

void write_notes(const ExecOptions& options, const SpanRecord& record, const ChildEnd& end,
                 const EmitReport& emit, const Process& process) {
  const std::string& program = options.arguments.front();
  // Without this sentence nobody would know whose exit code it is.
  if (!end.was_run()) say(process, describe_end(end, program, options.limit));
  if (options.is_silent) return;
  const bool is_terminal = inspect_terminal(process.err).is_terminal;
  const bool is_lost = emit.outcome == EmitReport::Outcome::failed ||
                       (emit.outcome == EmitReport::Outcome::refused &&
                        (is_terminal || options.trace.requires_emit));
  if (is_lost) say(process, emit.reason + ", the trace was not kept");
  if (!is_terminal || emit.outcome != EmitReport::Outcome::sent) return;
  if (end.was_run()) {
    const Duration taken = *record.end - record.start;
    const std::string after = end.has_timed_out ? "" : " after " + format_measured(taken);
    say(process, record.name + " " + describe_end(end, program, options.limit) + after);
  }
  say(process, "trace " + record.context.trace_id.to_string() + " sent to " + emit.to);
}

int run(const ExecOptions& options, Process& process) {
  // Before the emitter starts a thread, and as long as there is something to send.
  const SignalHold signals(process.inherits_ignored_pipe_signal ? PipeSignal::ignored
                                                                : PipeSignal::acts);
  const TimePoint start = now();
  SpanRecord record = begin_record(options, process, start.wall);
  const ChildCommand command = make_command(options, record.context, process);
  DocumentSink sink(decide_leniently(options.trace.emit, process, options.is_silent));
  sink.send(write_documents(record));

  const ChildEnd end = run_child(command, signals);
  record.end = start.wall + std::chrono::duration_cast<WallTime::duration>(now().tick - start.tick);
  record_end(record, end, options.arguments.front(), options.limit);
  sink.send(write_documents(record));
  const EmitReport emit = sink.conclude(options.trace.requires_emit);
  write_notes(options, record, end, emit, process);

  const int code = exit_code_of(end);
  const bool is_missed = options.trace.requires_emit && record.context.is_sampled &&
                         emit.outcome != EmitReport::Outcome::sent;
  return code == 0 && is_missed ? to_int(ExitCode::not_emitted) : code;
}

}  // namespace

const VerbSyntax kExecSyntax{
    .name = "exec",
    .operands = "-- COMMAND [ARGUMENT...]",
    .summary = "run a command inside a segment",
    .flags = kExecFlags,
    .examples =
        "  xtrace exec -- make test\n"
        "  xtrace exec --name nightly --timeout 10m -- ./backup.sh\n"
        "  xtrace exec -- curl -H 'X-Amzn-Trace-Id: {{xray}}' http://localhost:8080/\n",
    .notes =
        "The command finds the trace in _X_AMZN_TRACE_ID and TRACEPARENT; in its\n"
        "arguments {{xray}}, {{traceparent}} and {{trace_id}} are replaced. The exit\n"
        "code is the command's; 124 where it ran out of time, 125 where xtrace failed,\n"
        "126 and 127 where the command cannot be run and is not found, 128 and the\n"
        "signal where one killed it.\n",
    .takes_command = true};

int run_exec(const ParsedFlags& flags, Process& process) {
  const auto options = read_exec_options(flags);
  if (const auto* error = options.if_error()) return refuse_usage(process, *error);
  return run(*options, process);
}

}  // namespace xtrace::cli
