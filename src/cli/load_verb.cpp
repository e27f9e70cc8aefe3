#include "cli/load_verb.h"

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/system_reason.h"
#include "cli/emission.h"
#include "cli/exit_code.h"
#include "cli/load_lines.h"
#include "cli/load_prepare.h"
#include "cli/load_run.h"
#include "cli/notes.h"
#include "cli/plan_settings.h"
#include "cli/run_report.h"

namespace xtrace::cli {

namespace {

bool streams_requests(Format format) {
  return format == Format::jsonl || format == Format::csv || format == Format::xray;
}

/// Where the documents have stdout, the report goes to stderr; where requests are streamed there is
/// none, but for what they do not tell.
int choose_report_stream(const EmitTarget& target, const Process& process) {
  return target.kind == EmitTarget::Kind::standard_output ? process.err : process.out;
}

Style style_of(const GetOptions& options, int descriptor, const Process& process) {
  Style style = make_style(inspect_terminal(descriptor), options.output.color, process.environment);
  style.unit = options.output.unit;
  return style;
}

RunReport build_run_report(const GetOptions& options, const PreparedLoad& prepared,
                           const LoadRun& run, const LoadTracer& tracer) {
  RunReport report;
  report.method = prepared.request.method;
  const Url& url = prepared.request.url;
  report.url = options.trace.redacts ? url.redacted() : url.full();
  report.stats = run.stats();
  report.duration = run.duration();
  report.opened = run.opened();
  report.warmup = run.warmed_up();
  report.cancelled = run.cancelled();
  report.missed = run.missed();
  report.intended_rate = options.repeat.rate;
  report.is_interrupted =
      run.stop_cause() == LoadStop::interrupted || run.stop_cause() == LoadStop::terminated;
  report.trace_id = tracer.one_trace_id();
  report.slo = run.stats()->judge(options.slo);
  report.unwelcome = run.unwelcome();
  report.emission = tracer.emission();
  report.plan = run.plan();
  if (options.output.is_verbose) report.pool = run.pool();
  return report;
}

int decide_exit_code(const GetOptions& options, const RunReport& report, LoadStop cause) {
  if (cause == LoadStop::interrupted) return to_int(ExitCode::interrupted);
  if (cause == LoadStop::terminated) return to_int(ExitCode::terminated);
  if (is_any_violated(report.slo)) return to_int(ExitCode::slo_violated);
  const LoadStats& stats = *report.stats;
  if (stats.failed() > 0 && stats.answered() == 0) {
    const ErrorCount error = stats.errors().front();
    return to_int(exit_code_of({error.code, error.phase, error.message}));
  }
  if (report.unwelcome > 0 || (options.fails_on_status && stats.failed() > 0)) {
    return to_int(ExitCode::unwanted_status);
  }
  const RunEmission& emission = report.emission;
  if (options.trace.requires_emit && (emission.traces == 0 || emission.lost() > 0)) {
    return to_int(ExitCode::not_emitted);
  }
  return to_int(ExitCode::done);
}

std::string render_run(const RunReport& report, Format format, const Style& style) {
  switch (format) {
    case Format::json:
      return render_json(report);
    case Format::compact:
      return render_compact(report, style);
    default:
      return render_pretty(report, style);
  }
}

void warn_of_lost_traces(const RunReport& report, const Process& process) {
  const RunEmission& emission = report.emission;
  if (emission.lost() == 0) return;
  std::string sentence = std::to_string(emission.lost()) + " of " +
                         std::to_string(emission.books.documents) + " documents were not sent to " +
                         emission.to;
  if (!emission.problem.empty()) sentence += ": " + emission.problem;
  say(process, sentence);
}

/// The run's report unless its requests are streamed, and Prometheus' text behind it, or instead of
/// it where no format was asked for.
std::string write_report(const GetOptions& options, const PreparedLoad& prepared,
                         const RunReport& report, int stream, const Process& process) {
  const bool measures = options.metrics.kind == MetricsTarget::Kind::standard_output;
  const bool is_streamed = streams_requests(options.output.format);
  std::string text;
  if (!is_streamed && (!measures || options.output.has_format)) {
    text = render_run(report, options.output.format, style_of(options, stream, process));
  }
  if (measures) text += prepared.metrics->text();
  return text;
}

int conclude(const GetOptions& options, const PreparedLoad& prepared, const LoadRun& run,
             const LoadTracer& tracer, const LoadOutput& output, const Process& process) {
  RunReport report = build_run_report(options, prepared, run, tracer);
  report.exit_code = decide_exit_code(options, report, run.stop_cause());
  if (!output.failure().empty()) {
    say(process, "cannot write to stdout: " + output.failure());
    return to_int(ExitCode::not_written);
  }
  const bool is_streamed = streams_requests(options.output.format);
  const int stream = choose_report_stream(prepared.target, process);
  const std::string text = write_report(options, prepared, report, stream, process);
  if (write_all(stream, text) == WriteResult::failed) {
    say(process, "cannot write the report: " + system_reason(errno));
    return to_int(ExitCode::not_written);
  }
  if (prepared.metrics && !hand_over(*prepared.metrics, options.output.is_silent, process)) {
    return report.exit_code == 0 ? to_int(ExitCode::not_written) : report.exit_code;
  }
  if (options.output.is_silent) return report.exit_code;
  const bool is_told = !is_streamed && options.output.format == Format::pretty;
  if (!is_told) warn_of_lost_traces(report, process);
  if (is_streamed && !report.slo.empty()) {
    static_cast<void>(
        write_all(process.err, render_slo(report.slo, style_of(options, process.err, process))));
  }
  return report.exit_code;
}

LoadTracer::Sinks make_sinks(const GetOptions& options, PreparedLoad& prepared,
                             LoadOutput& output) {
  const bool shows_documents = options.output.format == Format::xray ||
                               prepared.target.kind == EmitTarget::Kind::standard_output;
  return {.emitter = std::move(prepared.emitter),
          .to = to_string(prepared.target),
          .documents = shows_documents ? &output : nullptr};
}

/// Has the events of each request told.
void attach(Narrator& narrator, LoadRun::Parts& parts) {
  parts.make_hooks = [&narrator](std::size_t seat, std::uint64_t number) {
    return narrator.begin(seat, number);
  };
  parts.on_attempt = [&narrator](std::size_t seat, const Request& request) {
    narrator.expect(seat, request);
  };
}

void explain_single_attempts(const GetOptions& options, const Request& request,
                             const Process& process) {
  if (!options.plan.repeats() || options.output.is_silent) return;
  const std::string sentence = explain_single_attempt(make_plan(options, request));
  if (!sentence.empty()) say(process, sentence);
}

int run_prepared(const GetOptions& options, PreparedLoad& prepared, Process& process) {
  Loop loop;
  LoadOutput output(process.out);
  LoadTracer tracer(options.trace, process.environment, prepared.request,
                    make_sinks(options, prepared, output));
  if (tracer.ignores_caller() && !options.output.is_silent) {
    say(process, "_X_AMZN_TRACE_ID holds no trace id, so new traces begin");
  }
  explain_single_attempts(options, prepared.request, process);
  LoadProgress progress(process, options.output.is_silent);
  Narrator narrator(options, process);
  LoadRun::Parts parts{.loop = loop,
                       .options = options,
                       .request = prepared.request,
                       .config = prepared.config,
                       .tracer = tracer,
                       .output = output,
                       .progress = progress,
                       .metrics = prepared.metrics.get()};
  std::optional<RequestLines> lines;
  if (options.output.format == Format::jsonl || options.output.format == Format::csv) {
    lines.emplace(options, prepared, tracer, output);
    parts.on_ended = [&lines](const LoadRun::Ended& ended) { lines->add(ended); };
  }
  if (Narrator::is_wanted(options)) attach(narrator, parts);
  if (options.repeat.is_one_trace) tracer.begin(now().wall);
  LoadRun run(parts);
  run.run();
  tracer.end(now().wall);
  if (prepared.metrics) tracer.collect(prepared.metrics->client());
  output.flush();
  const int code = conclude(options, prepared, run, tracer, output, process);
  if (process.ends_at_once) std::_Exit(code);
  return code;
}

}  // namespace

int run_load(const GetOptions& options, Process& process) {
  make_room_for(options.repeat.in_flight());
  auto prepared = prepare_load(options, process);
  if (const auto* error = prepared.if_error()) {
    say(process, error->message);
    return to_int(exit_code_of(*error));
  }
  return run_prepared(options, *prepared, process);
}

}  // namespace xtrace::cli
