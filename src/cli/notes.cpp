#include "cli/notes.h"

#include <string>

namespace xtrace::cli {

namespace {

using Outcome = EmitReport::Outcome;

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

void write_notes(const GetOptions& options, const Report& report, const Process& process) {
  if (options.output.is_silent) return;
  const EmitReport& emit = report.emit;
  const TerminalFacts facts = inspect_terminal(process.err);
  const Style style = make_style(facts, options.output.color, process.environment);
  const std::string lost = "xtrace: " + emit.reason + ", the trace was not kept";
  switch (emit.outcome) {
    case Outcome::failed:
      return write_line(process, lost);
    case Outcome::refused:
      if (options.trace.requires_emit) return write_line(process, lost);
      if (facts.is_terminal) write_line(process, dim(lost, style));
      return;
    case Outcome::sent:
      // The picture's last line says so itself.
      if (facts.is_terminal && options.output.format != Format::pretty) {
        write_line(process, dim(describe_sent(emit), style));
      }
      return;
    case Outcome::off:
      if (options.trace.requires_emit) write_line(process, lost);
      return;
  }
}

}  // namespace xtrace::cli
