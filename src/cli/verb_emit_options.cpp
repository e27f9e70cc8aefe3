#include <array>
#include <charconv>

#include "cli/common_flags.h"
#include "cli/emission.h"
#include "cli/verb_emit.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kDocuments = "Documents";
constexpr std::string_view kDelivery = "Delivery";

constexpr auto kEmitFlags = std::to_array<FlagRow>({
    {.name = "strict",
     .group = kDocuments,
     .in_short_help = true,
     .help = "refuse also what the documentation forbids, not only what the service refuses",
     .files = FileUse::project},
    {.name = "fix",
     .group = kDocuments,
     .in_short_help = true,
     .help = "mend what can be mended: make ids that are missing or wrong, clean names, mark "
             "documents without an end as in progress",
     .files = FileUse::project},
    {.name = "now",
     .group = kDocuments,
     .in_short_help = true,
     .help = "give new ids and times: the first document starts now, the others keep their "
             "distance",
     .files = FileUse::project},
    {.name = "to",
     .argument = "WHERE",
     .group = kDelivery,
     .in_short_help = true,
     .help = "send to udp://HOST:PORT, tcp://HOST:PORT (acknowledged), file:PATH, - (stdout) or "
             "none (--dry-run); default: AWS_XRAY_DAEMON_ADDRESS, or udp://127.0.0.1:2000",
     .files = FileUse::project_local,
     .variables = "AWS_XRAY_DAEMON_ADDRESS"},
    {.name = "rate",
     .argument = "N/s",
     .group = kDelivery,
     .in_short_help = true,
     .help = "send so many documents a second (N, N/s) or a minute (N/m)",
     .files = FileUse::project},
    {.name = "dry-run",
     .group = kDelivery,
     .in_short_help = true,
     .help = "check everything and send nothing",
     .files = FileUse::never},
    {.name = "require-emit",
     .group = kDelivery,
     .help = "exit with 69 where a document did not arrive",
     .files = FileUse::project},
    {.name = "silent",
     .letter = 's',
     .group = kOutputGroup,
     .help = "no progress and no summary; only what went wrong is told",
     .files = FileUse::project},
});

constexpr std::string_view kEmitNotes =
    "It reads objects, arrays, JSON lines, the output of BatchGetTraces and daemon\n"
    "datagrams, from stdin where no FILE is given. Exit code 65: a document was\n"
    "refused, and the others were sent; 2: a file cannot be read; 23: file:PATH or\n"
    "stdout cannot be written.\n";

constexpr std::string_view kEmitExamples =
    "  xtrace get --emit none --format xray URL | xtrace emit\n"
    "  aws xray batch-get-traces --trace-ids ID | xtrace emit --now\n"
    "  xtrace emit --dry-run --strict documents.jsonl\n";

/// Documents a second of `100`, `100/s`, `1.5/s` or `600/m`; nothing where it is none of these.
std::optional<double> parse_rate(std::string_view text) {
  constexpr double kMost = 1e9;
  const bool is_per_minute = text.ends_with("/m");
  if (is_per_minute || text.ends_with("/s")) text.remove_suffix(2);
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (read.ec != std::errc{} || read.ptr != end || !(number > 0) || number > kMost) {
    return std::nullopt;
  }
  return is_per_minute ? number / 60 : number;
}

Expected<void> read_target(const ParsedFlags& flags, const Environment& environment,
                           EmitOptions& options) {
  if (const std::optional<std::string> text = flags.value("to")) {
    auto target = parse_emit_target(*text);
    if (const Error* error = target.if_error()) return flags.refuse("to", error->message);
    options.target = *std::move(target);
  }
  if (options.target.kind == EmitTarget::Kind::none) options.is_dry = true;
  auto decided = decide_emit_target(options.target, environment);
  if (const Error* error = decided.if_error()) {
    return flags.refuse("cannot go on: " + error->message);
  }
  options.target = *std::move(decided);
  return {};
}

}  // namespace

const VerbSyntax kEmitSyntax{.name = "emit",
                             .operands = "[FILE...]",
                             .summary = "send segment documents to the daemon",
                             .flags = kEmitFlags,
                             .examples = kEmitExamples,
                             .notes = kEmitNotes};

Expected<EmitOptions> read_emit_options(const ParsedFlags& flags, const Environment& environment) {
  EmitOptions options;
  options.files = flags.positionals();
  if (options.files.empty()) options.files.emplace_back("-");
  options.mends = flags.has("fix");
  options.restamps = flags.has("now");
  options.is_strict = flags.has("strict");
  options.is_dry = flags.has("dry-run");
  options.is_silent = flags.has("silent");
  options.requires_emit = flags.has("require-emit");
  if (const std::optional<std::string> rate = flags.value("rate")) {
    options.rate = parse_rate(*rate);
    if (!options.rate)
      return flags.refuse("rate", "it is not a number such as 100, 100/s or 600/m");
  }
  const Expected<void> target = read_target(flags, environment, options);
  if (const Error* error = target.if_error()) return *error;
  return options;
}

}  // namespace xtrace::cli
