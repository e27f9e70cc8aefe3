#include "cli/verb_get.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include <xtrace/loop.h>

#include "base/system_reason.h"
#include "cli/emission.h"
#include "cli/exit_code.h"
#include "cli/get_perform.h"
#include "cli/metric.h"
#include "cli/notes.h"
#include "cli/plan_settings.h"
#include "cli/report_builder.h"
#include "cli/write_out.h"

namespace xtrace::cli {

namespace {

int decide_exit_code(const Reached& reached, const Report& report, bool requires_emit) {
  constexpr int kSignalBase = 128;
  if (reached.signal != 0) return kSignalBase + reached.signal;
  if (report.error) return to_int(exit_code_of(*report.error, reached.exchange.timeline.proxy));
  if (!report.judgement.empty()) return to_int(ExitCode::unwanted_status);
  if (is_any_violated(report.slo)) return to_int(ExitCode::slo_violated);
  const bool is_emitted = report.emit.outcome == EmitReport::Outcome::sent;
  return to_int(requires_emit && !is_emitted ? ExitCode::not_emitted : ExitCode::done);
}

Segment record(const GetOptions& options, const PreparedGet& prepared, const Reached& reached) {
  if (reached.plan) {
    const ReachedPlan& plan = *reached.plan;
    return record_segment(prepared.trace, options.trace, plan.execution, plan.sent);
  }
  return record_segment(
      prepared.trace, options.trace,
      {.request = prepared.request, .exchange = reached.exchange, .ids = reached.ids});
}

/// Tells the metrics, too, what was emitted.
void record_and_emit(Report& report, const GetOptions& options, const PreparedGet& prepared,
                     const Reached& reached, const Process& process) {
  report.trace_id = prepared.trace.origin.trace_id->to_string();
  report.sampled = is_recorded(prepared.trace, reached.exchange);
  if (!report.sampled) {
    report.emit.reason = "the trace is not sampled";
    return;
  }
  const Segment segment = record(options, prepared, reached);
  DocumentSet documents = segment.documents();
  EmitResult emission =
      emit_documents(prepared.target, documents, options.trace.requires_emit, process);
  report.emit = std::move(emission.report);
  if (prepared.metrics && report.emit.outcome != EmitReport::Outcome::off) {
    prepared.metrics->client().collect(emission.books);
  }
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

Style style_for(const GetOptions& options, int descriptor, const Process& process) {
  Style style = make_style(inspect_terminal(descriptor), options.output.color, process.environment);
  style.unit = options.output.unit;
  style.show_headers = options.output.shows_headers;
  return style;
}

/// The report, or what `-w` makes of it, or Prometheus' text; behind it where `--format` asks for
/// both.
std::string write_report(const GetOptions& options, const PreparedGet& prepared,
                         const Report& report, int stream, const Process& process) {
  std::string text;
  const bool measures = options.metrics.kind == MetricsTarget::Kind::standard_output;
  if ((!prepared.write_out && !measures) || options.output.has_format) {
    text = render(report, options.output.format, style_for(options, stream, process));
  }
  if (measures) text += prepared.metrics->text();
  if (!prepared.write_out) return text;
  const WrittenOut written = write_out(*prepared.write_out, report);
  for (const std::string& name : written.unknown) {
    if (!options.output.is_silent) say(process, "unknown --write-out variable: '" + name + "'");
  }
  // Nothing depends on stderr being read.
  static_cast<void>(write_all(process.err, written.err));
  return text + written.out;
}

/// The pool of the host that answered last, or was asked for.
const AddressStats* find_address(const PoolStats& pool, const Url& url) {
  const std::string wanted = url.host_port();
  const auto leads_there = [&wanted](const AddressStats& stats) {
    return stats.address == wanted || stats.address.ends_with("> " + wanted);
  };
  const auto found = std::ranges::find_if(pool.addresses, leads_there);
  if (found != pool.addresses.end()) return &*found;
  return pool.addresses.size() == 1 ? &pool.addresses.front() : nullptr;
}

Report make_report(const GetOptions& options, const PreparedGet& prepared, const Reached& reached) {
  if (!reached.plan) return build_report(options, prepared.request, reached.exchange);
  Report report = build_report(options, prepared.request, reached.plan->execution);
  report.plan->race_vetoes = reached.plan->race_vetoes;
  report.plan->breaker = reached.plan->breaker;
  report.plan->breaker_limits = reached.plan->breaker_limits;
  const std::optional<std::pair<std::string, Url>>& led_to = reached.exchange.led_to;
  const Url& last = led_to ? led_to->second : prepared.request.url;
  if (const AddressStats* address = find_address(reached.pool, last)) {
    report.plan->pool_address = address->address;
    report.plan->pool = address->counts;
  }
  return report;
}

/// `total` and `ttfb` of a plan count from its start, whichever attempt won.
std::vector<SloResult> judge_goals(const GetOptions& options, const Reached& reached) {
  if (!reached.plan) return judge_slo(options.slo, reached.exchange);
  const Execution& execution = reached.plan->execution;
  return judge_slo(options.slo, reached.exchange,
                   begin_of(reached.exchange).tick - execution.started.tick);
}

int conclude(const GetOptions& options, const PreparedGet& prepared, const Reached& reached,
             const Process& process) {
  Report report = make_report(options, prepared, reached);
  report.slo = judge_goals(options, reached);
  record_and_emit(report, options, prepared, reached, process);
  report.exit_code = decide_exit_code(reached, report, options.trace.requires_emit);
  bool is_measured = true;
  if (prepared.metrics) {
    is_measured = hand_over(*prepared.metrics, options.output.is_silent, process);
  }
  if (prepared.sink.lost_reader()) return report.exit_code;

  const int stream = choose_report_stream(options, prepared.target, process);
  const std::string text = write_report(options, prepared, report, stream, process);
  if (write_all(stream, text) == WriteResult::failed) {
    say(process, "cannot write the report: " + system_reason(errno));
    return to_int(ExitCode::not_written);
  }
  write_notes(options, report, process);
  if (is_measured || report.exit_code != 0) return report.exit_code;
  return to_int(ExitCode::not_written);
}

/// Where attempts were asked for and not made.
void warn_of_single_attempt(const GetOptions& options, const Reached& reached,
                            const Process& process) {
  if (options.output.is_silent || !reached.plan) return;
  const Execution& execution = reached.plan->execution;
  const auto is_forbidden = [](const AttemptRecord& attempt) {
    return attempt.decision && attempt.decision->veto == RetryDecision::Veto::not_repeatable;
  };
  if (!options.plan.race && std::ranges::none_of(execution.attempts, is_forbidden)) return;
  const std::string sentence = explain_single_attempt(*execution.plan);
  if (!sentence.empty()) say(process, sentence);
}

int run(Loop& loop, const GetOptions& options, Process& process) {
  auto prepared = prepare_get(options, process);
  if (const auto* error = prepared.if_error()) {
    say(process, error->message);
    return to_int(exit_code_of(*error));
  }
  std::optional<Conversation::Options> conversation;
  if (options.output.is_verbose) {
    conversation =
        Conversation::Options{.descriptor = process.err,
                              .redaction = options.trace.redacts ? Redaction::on : Redaction::off,
                              .style = style_for(options, process.err, process)};
  }
  const Reached reached = perform({.loop = loop,
                                   .options = options,
                                   .prepared = *prepared,
                                   .conversation = conversation ? &*conversation : nullptr});
  const std::optional<Error>& error = reached.exchange.error;
  if (error && is_bad_input(*error)) {
    say(process, error->message);
    return to_int(exit_code_of(*error));
  }
  warn_of_single_attempt(options, reached, process);
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
