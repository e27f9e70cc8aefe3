#include "cli/load_lines.h"

#include "cli/emission.h"
#include "cli/exit_code.h"
#include "cli/render_csv.h"
#include "cli/report_builder.h"
#include "loop/timer.h"

namespace xtrace::cli {

RequestLines::RequestLines(const GetOptions& options, const PreparedLoad& prepared,
                           const LoadTracer& tracer, LoadOutput& output)
    : options_(options), prepared_(prepared), tracer_(tracer), output_(output) {
  if (options.output.format == Format::csv) output_.add(csv_header());
}

void RequestLines::add(const LoadRun::Ended& ended) {
  Report report = ended.execution != nullptr
                      ? build_report(options_, prepared_.request, *ended.execution)
                      : build_report(options_, prepared_.request, ended.exchange);
  report.trace_id = ended.ids.trace.to_string();
  report.sampled = ended.is_recorded;
  if (options_.output.format == Format::csv) {
    return output_.add(csv_row(report, ended.number, ended.late));
  }
  const Tick began = begin_of(ended.exchange).tick;
  report.slo =
      judge_slo(options_.slo, ended.exchange,
                ended.execution != nullptr ? began - ended.execution->started.tick : Duration{});
  if (ended.exchange.error) {
    report.exit_code = to_int(exit_code_of(*ended.exchange.error, ended.exchange.timeline.proxy));
  } else if (!report.judgement.empty()) {
    report.exit_code = to_int(ExitCode::unwanted_status);
  }
  describe_emission(report, ended);
  output_.add(render_json(report));
}

// Documents leave in batches, so what became of one is not known yet: the run's books tell.
void RequestLines::describe_emission(Report& report, const LoadRun::Ended& ended) const {
  if (!ended.is_recorded || to_string(prepared_.target).empty()) return;
  report.emit.to = to_string(prepared_.target);
  report.emit.outcome = EmitReport::Outcome::sent;
  report.emit.documents = options_.repeat.is_one_trace ? 1 : tracer_.latest().documents.size();
}

Narrator::Narrator(const GetOptions& options, const Process& process)
    : options_(options),
      process_(process),
      style_(make_style(inspect_terminal(process.err), options.output.color, process.environment)),
      started_(tick_now()),
      conversations_(options.repeat.in_flight()) {
  style_.unit = options.output.unit;
}

bool Narrator::is_wanted(const GetOptions& options) {
  const RepeatOptions& repeat = options.repeat;
  return options.output.is_verbose && repeat.requests &&
         *repeat.requests + repeat.warmup <= kMostRequests;
}

ClientTrace Narrator::begin(std::size_t seat, std::uint64_t number) {
  conversations_[seat] = std::make_unique<Conversation>(
      Conversation::Options{.descriptor = process_.err,
                            .redaction = options_.trace.redacts ? Redaction::on : Redaction::off,
                            .style = style_,
                            .label = "[" + std::to_string(number) + "] ",
                            .started = started_});
  return conversations_[seat]->hooks();
}

void Narrator::expect(std::size_t seat, const Request& request) {
  conversations_[seat]->expect(request);
}

}  // namespace xtrace::cli
