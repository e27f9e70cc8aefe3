#include "cli/verb_get.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>

#include <xtrace/client.h>
#include <xtrace/loop.h>

#include "base/system_reason.h"
#include "cli/client_settings.h"
#include "cli/conversation.h"
#include "cli/emission.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/output_sink.h"
#include "cli/report_builder.h"
#include "cli/request_builder.h"
#include "cli/trace_setup.h"
#include "cli/write_out.h"
#include "loop/signal_watch.h"

namespace xtrace::cli {

namespace {

/// All that can be refused before anything is sent.
struct Prepared {
  Request request;
  FinalizedClientConfig config;
  EmitTarget target;
  OutputSink sink;
  TraceSetup trace;
  std::optional<std::string> write_out;
};

Expected<Prepared> prepare(const GetOptions& options, const Process& process) {
  auto request = build_request(options, process);
  if (const auto* error = request.if_error()) return *error;
  auto config = settle_client(options, process.environment);
  if (const auto* error = config.if_error()) return *error;
  auto target = decide_emit_target(options.trace.emit, process.environment);
  if (const auto* error = target.if_error()) return *error;
  auto sink = OutputSink::open(options.output.body_file, process);
  if (const auto* error = sink.if_error()) return *error;
  auto write_out = read_write_out(options.output.write_out, process);
  if (const auto* error = write_out.if_error()) return *error;
  TraceSetup trace = make_trace_setup(options.trace, process.environment, now().wall);
  if (trace.ignores_caller && !options.output.is_silent) {
    say(process, "_X_AMZN_TRACE_ID holds no trace id, so a new trace begins");
  }
  return Prepared{std::move(request).value(), std::move(config).value(),
                  std::move(target).value(),  std::move(sink).value(),
                  std::move(trace),           std::move(write_out).value()};
}

/// What the request came to, and the signal that ended it, if one did.
struct Reached {
  Exchange exchange;
  int signal = 0;
  std::vector<SegmentId> ids{};  ///< That the physical requests told the server.
};

/// Before each physical request: its own trace header, and its head in the conversation.
Callback<Expected<void>(Request&)> prepare_attempts(const Prepared& prepared,
                                                    Conversation* conversation,
                                                    std::vector<SegmentId>& ids) {
  const bool is_decided = decides_trace_header(prepared.request);
  return [&prepared, &ids, conversation, is_decided](Request& request) -> Expected<void> {
    ids.push_back(SegmentId::generate());
    if (!is_decided) set_trace_header(request, prepared.trace, ids.back());
    if (conversation != nullptr) conversation->expect(request);
    return {};
  };
}

Reached perform(Loop& loop, Prepared& prepared, Conversation* conversation) {
  Client client(loop, prepared.config);
  std::vector<SegmentId> ids;
  CallOptions call_options;
  if (conversation != nullptr) call_options.trace = conversation->hooks();
  call_options.before_attempt = prepare_attempts(prepared, conversation, ids);
  call_options.on_body = [&prepared](std::span<const std::byte> bytes) -> Expected<Flow> {
    prepared.sink.begin();
    if (const auto written = prepared.sink.write(bytes); !written) return written.error();
    return Flow::proceed;
  };
  // The report needs what was asked for, not what was uploaded: a large body is held once.
  std::string body = std::exchange(prepared.request.body, {});
  Request request = prepared.request;
  request.body = std::move(body);
  std::optional<Reached> reached;
  Call call = client.start(
      std::move(request), std::move(call_options),
      [&reached](Exchange exchange) { reached = Reached{.exchange = std::move(exchange)}; });
  const auto end_by = [&reached, &call](int signal) {
    if (!reached) reached = Reached{.exchange = call.abort(), .signal = signal};
  };
  SignalWatch interrupt(loop, SIGINT, [&end_by] { end_by(SIGINT); });
  SignalWatch terminate(loop, SIGTERM, [&end_by] { end_by(SIGTERM); });
  constexpr Duration kForever = std::chrono::hours(24 * 366 * 10);
  while (!reached) loop.run_until([&reached] { return reached.has_value(); }, kForever);
  reached->ids = std::move(ids);
  // An answer without a body, too, takes the place of what the file held.
  if (reached->exchange.response && !reached->exchange.error) prepared.sink.begin();
  return std::move(*reached);
}

int decide_exit_code(const Reached& reached, const Report& report, bool requires_emit) {
  constexpr int kSignalBase = 128;
  if (reached.signal != 0) return kSignalBase + reached.signal;
  if (report.error) return to_int(exit_code_of(*report.error, reached.exchange.timeline.proxy));
  if (!report.judgement.empty()) return to_int(ExitCode::unwanted_status);
  if (is_any_violated(report.slo)) return to_int(ExitCode::slo_violated);
  const bool is_emitted = report.emit.outcome == EmitReport::Outcome::sent;
  return to_int(requires_emit && !is_emitted ? ExitCode::not_emitted : ExitCode::done);
}

void record_and_emit(Report& report, const GetOptions& options, const Prepared& prepared,
                     const Reached& reached, const Process& process) {
  const Exchange& exchange = reached.exchange;
  report.trace_id = prepared.trace.origin.trace_id->to_string();
  report.sampled = is_recorded(prepared.trace, exchange);
  if (!report.sampled) {
    report.emit.reason = "the trace is not sampled";
    return;
  }
  const Segment segment =
      record_segment(prepared.trace, options.trace,
                     {.request = prepared.request, .exchange = exchange, .ids = reached.ids});
  DocumentSet documents = segment.documents();
  report.emit = emit_documents(prepared.target, documents, options.trace.requires_emit, process);
  report.emit.segments = 1;
  report.emit.subsegments = segment.subsegment_count();
  report.documents = std::move(documents.documents);
}

/// Where `-o -` or `--emit -` have stdout, the report goes to stderr.
int choose_report_stream(const GetOptions& options, const EmitTarget& target,
                         const Process& process) {
  const bool is_taken =
      options.output.body_file == "-" || target.kind == EmitTarget::Kind::standard_output;
  return is_taken ? process.err : process.out;
}

/// What the client refused before it sent anything is a mistake of the command, not a trace.
bool is_bad_input(const Error& error) {
  return error.code == Error::Code::tls_config || error.code == Error::Code::invalid_request;
}

Style style_of(const GetOptions& options, int descriptor, const Process& process) {
  Style style = make_style(inspect_terminal(descriptor), options.output.color, process.environment);
  style.unit = options.output.unit;
  style.show_headers = options.output.shows_headers;
  return style;
}

/// The report, or what `-w` makes of it; behind it where `--format` asks for both.
std::string write_report(const GetOptions& options, const Prepared& prepared, const Report& report,
                         int stream, const Process& process) {
  std::string text;
  if (!prepared.write_out || options.output.has_format) {
    text = render(report, options.output.format, style_of(options, stream, process));
  }
  if (!prepared.write_out) return text;
  const WrittenOut written = write_out(*prepared.write_out, report);
  for (const std::string& name : written.unknown) {
    if (!options.output.is_silent) say(process, "unknown --write-out variable: '" + name + "'");
  }
  // Nothing depends on stderr being read.
  static_cast<void>(write_all(process.err, written.err));
  return text + written.out;
}

int conclude(const GetOptions& options, const Prepared& prepared, const Reached& reached,
             const Process& process) {
  Report report = build_report(options, prepared.request, reached.exchange);
  report.slo = judge_slo(options.slo, reached.exchange);
  record_and_emit(report, options, prepared, reached, process);
  report.exit_code = decide_exit_code(reached, report, options.trace.requires_emit);
  if (prepared.sink.lost_reader()) return report.exit_code;

  const int stream = choose_report_stream(options, prepared.target, process);
  const std::string text = write_report(options, prepared, report, stream, process);
  if (write_all(stream, text) == WriteResult::failed) {
    say(process, "cannot write the report: " + system_reason(errno));
    return to_int(ExitCode::not_written);
  }
  write_notes(options, report, process);
  return report.exit_code;
}

int run(Loop& loop, const GetOptions& options, Process& process) {
  auto prepared = prepare(options, process);
  if (const auto* error = prepared.if_error()) {
    say(process, error->message);
    return to_int(exit_code_of(*error));
  }
  std::optional<Conversation> conversation;
  if (options.output.is_verbose) {
    conversation.emplace(
        Conversation::Options{.descriptor = process.err,
                              .redaction = options.trace.redacts ? Redaction::on : Redaction::off,
                              .style = style_of(options, process.err, process)});
  }
  const Reached reached = perform(loop, *prepared, conversation ? &*conversation : nullptr);
  const std::optional<Error>& error = reached.exchange.error;
  if (error && is_bad_input(*error)) {
    say(process, error->message);
    return to_int(exit_code_of(*error));
  }
  return conclude(options, *prepared, reached, process);
}

}  // namespace

int run_get(const GetOptions& options, Process& process) {
  Loop loop;
  const int code = run(loop, options, process);
  if (process.ends_at_once) std::_Exit(code);
  return code;
}

}  // namespace xtrace::cli
