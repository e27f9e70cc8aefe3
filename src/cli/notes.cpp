#include "cli/notes.h"

#include <string>

#include "cli/exit_code.h"

namespace xtrace::cli {

namespace {

std::string dim(std::string_view sentence, const Style& style) {
  if (!style.color) return std::string(sentence);
  return "\x1b[2m" + std::string(sentence) + "\x1b[0m";
}

void write_line(const Process& process, const std::string& line) {
  // Nothing depends on stderr being read.
  static_cast<void>(write_all(process.err, line + "\n"));
}

std::string describe_sent(const EmitReport& emit) {
  const std::string count = std::to_string(emit.documents);
  return "xtrace: " + count + (emit.documents == 1 ? " document" : " documents") + " sent to " +
         emit.to;
}

}  // namespace

void say(const Process& process, std::string_view sentence) {
  write_line(process, "xtrace: " + std::string(sentence));
}

int refuse_usage(const Process& process, const Error& error) {
  write_line(process, error.message);
  return to_int(ExitCode::usage);
}

void write_notes(const GetOptions& options, const Report& report, const Process& process) {
  if (options.output.is_silent) return;
  const EmitReport& emit = report.emit;
  const std::string lost = "xtrace: " + emit.reason + ", the trace was not kept";
  const bool is_lost = emit.outcome != EmitReport::Outcome::sent;
  if (emit.outcome == EmitReport::Outcome::failed || (is_lost && options.trace.requires_emit)) {
    return write_line(process, lost);
  }
  const TerminalFacts facts = inspect_terminal(process.err);
  const bool is_told =
      options.output.format == Format::pretty && inspect_terminal(process.out).is_terminal;
  if (!facts.is_terminal || is_told || emit.outcome == EmitReport::Outcome::off) return;
  const Style style = make_style(facts, options.output.color, process.environment);
  write_line(process, dim(is_lost ? lost : describe_sent(emit), style));
}

}  // namespace xtrace::cli
