#include <array>

#include "cli/choice.h"
#include "cli/common_flags.h"
#include "cli/option_values.h"
#include "cli/verb_convert.h"

namespace xtrace::cli {

namespace {

constexpr auto kConvertFlags = std::to_array<FlagRow>({
    {.name = "from",
     .argument = "FORMAT",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "xray (documents, the output of BatchGetTraces, datagrams) or otlp (OTLP JSON); "
             "default: what the file looks like",
     .files = FileUse::project},
    {.name = "to",
     .argument = "FORMAT",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "xray (documents, a line each), json (as BatchGetTraces answers), jsonl (a line for "
             "each trace), har, perfetto, otlp, csv, prom or pretty",
     .files = FileUse::project},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "write to FILE instead of stdout"},
    kColorFlag,
});

constexpr std::string_view kConvertExamples =
    "  xtrace convert --to perfetto -o traces.json traces.jsonl   ui.perfetto.dev\n"
    "  xtrace convert --to har -o traces.har traces.jsonl         a browser's tools\n"
    "  xtrace convert --to otlp traces.jsonl |\n"
    "    xtrace post --json @- http://127.0.0.1:4318/v1/traces\n"
    "  xtrace convert --to xray otel.jsonl | xtrace emit\n";

constexpr std::string_view kConvertNotes =
    "Without a FILE, or for -, stdin is read. What X-Ray would refuse is told on\n"
    "stderr with its line, and left out; the exit code is then 65. docs/formats.md\n"
    "says what becomes of what. Reports (--format json of get) have no ids of\n"
    "segments and cannot be converted: get writes the formats itself.\n";

constexpr std::array<Word<TraceSource>, 2> kTraceSources = {
    {{"xray", TraceSource::xray}, {"otlp", TraceSource::otlp}}};

}  // namespace

const VerbSyntax kConvertSyntax{.name = "convert",
                                .operands = "[FILE...]",
                                .summary = "saved traces from one format into another",
                                .flags = kConvertFlags,
                                .examples = kConvertExamples,
                                .notes = kConvertNotes};

Expected<ConvertOptions> read_convert_options(const ParsedFlags& flags) {
  ConvertOptions options;
  const auto to = flags.value("to");
  if (!to) return flags.refuse("needs --to FORMAT: what to convert to");
  const auto format = parse_trace_format(*to);
  if (const Error* error = format.if_error()) return flags.refuse("to", error->message);
  options.to = *format;
  if (const auto text = flags.value("from")) {
    const auto source = choose(kTraceSources, *text);
    if (const Error* error = source.if_error()) return flags.refuse("from", error->message);
    options.from = *source;
  }
  if (const auto path = flags.value("output")) {
    if (path->empty()) return flags.refuse("output", "the name of the file is empty");
    if (*path != "-") options.output = *path;
  }
  if (const auto text = flags.value("color")) {
    const auto color = parse_color(*text);
    if (const Error* error = color.if_error()) return flags.refuse("color", error->message);
    options.color = *color;
  }
  options.files = flags.positionals();
  if (options.files.empty()) options.files.emplace_back("-");
  return options;
}

}  // namespace xtrace::cli
