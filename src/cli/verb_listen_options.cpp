#include <array>
#include <charconv>

#include "cli/choice.h"
#include "cli/common_flags.h"
#include "cli/listen_address.h"
#include "cli/option_values.h"
#include "cli/verb_listen.h"

namespace xtrace::cli {

namespace {

using ListenFormat = ListenOptions::Format;

constexpr std::string_view kAddressGroup = "Addresses";
constexpr std::string_view kStoreGroup = "Store";
constexpr std::string_view kJudgeGroup = "Judge";

constexpr auto kListenFlags = std::to_array<FlagRow>({
    {.name = "udp",
     .argument = "ADDRESS",
     .group = kAddressGroup,
     .in_short_help = true,
     .help = "receive datagrams there: a port, an IP address with a port, or none; default: "
             "127.0.0.1:2000"},
    {.name = "tcp",
     .argument = "ADDRESS",
     .group = kAddressGroup,
     .in_short_help = true,
     .help = "answer the X-Ray API there: sampling, documents, questions; default: "
             "127.0.0.1:2000"},
    {.name = "web",
     .argument = "ADDRESS",
     .group = kAddressGroup,
     .in_short_help = true,
     .help = "show the page, and answer the X-Ray API, there; default: 127.0.0.1:2080"},
    {.name = "host-name",
     .argument = "NAME",
     .group = kAddressGroup,
     .help = "a name that browsers on other machines may call the page by, beside this machine's",
     .is_repeatable = true},
    {.name = "forward",
     .argument = "WHERE",
     .group = kAddressGroup,
     .help = "also send every document on, to udp://HOST:PORT (a daemon) or otlp://HOST:PORT (an "
             "OpenTelemetry collector; otlps:// with TLS)",
     .is_repeatable = true},
    {.name = "max-traces",
     .argument = "N",
     .group = kStoreGroup,
     .help = "hold so many traces (10000); of more the oldest go, and are counted",
     .files = FileUse::project},
    {.name = "max-memory",
     .argument = "SIZE",
     .group = kStoreGroup,
     .help = "hold so much (512MB)",
     .files = FileUse::project},
    {.name = "save",
     .argument = "FILE",
     .group = kStoreGroup,
     .in_short_help = true,
     .help = "append every document to this file, one a line, at the latest after a second"},
    {.name = "load",
     .argument = "FILE",
     .group = kStoreGroup,
     .in_short_help = true,
     .help = "begin with the documents of this file",
     .is_repeatable = true},
    {.name = "rules",
     .argument = "FILE",
     .group = kStoreGroup,
     .help = "answer GetSamplingRules with these rules; default: everything is sampled"},
    {.name = "format",
     .argument = "FORMAT",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "pretty (default): a line for each finished trace; jsonl: an object of JSON a line; "
             "none",
     .files = FileUse::project},
    {.name = "filter",
     .argument = "EXPRESSION",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "tell only of traces that match this filter expression of X-Ray's: responsetime > 1 "
             "AND service(\"pay\") { fault }",
     .files = FileUse::project},
    {.name = "errors",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "tell only of traces with an error, a throttle or a fault, and of unfinished ones",
     .files = FileUse::project},
    {.name = "silent",
     .letter = 's',
     .group = kOutputGroup,
     .help = "nothing on stderr but what goes wrong",
     .files = FileUse::project},
    kColorFlag,
    {.name = "expect",
     .argument = "N",
     .group = kJudgeGroup,
     .in_short_help = true,
     .help = "end with 0 once N traces (that match --filter) are complete",
     .files = FileUse::never},
    {.name = "timeout",
     .argument = "TIME",
     .group = kJudgeGroup,
     .in_short_help = true,
     .help = "listen so long at most: 30, 500ms, 2m; with --expect end with 1 then",
     .files = FileUse::never},
});

constexpr std::string_view kListenExamples =
    "  xtrace listen                          SDKs send to 127.0.0.1:2000 by default\n"
    "  xtrace listen --filter 'fault OR responsetime > 0.5' --save traces.jsonl\n"
    "  xtrace listen --expect 3 --timeout 30s --format jsonl   as a test double\n"
    "  xtrace listen --udp 0 --tcp 0 --web none                on free ports\n";

constexpr std::string_view kListenNotes =
    "A line tells of a trace that is complete, or of which nothing came for 10\n"
    "seconds: F fault, E error, T throttled, ~ in progress, ? something of it has not\n"
    "come, and + before the number of segments where it was told of before. The page\n"
    "shows everything at once. xtrace show ID draws a trace in the terminal.\n"
    "\n"
    "Ctrl-C (INT, TERM) is its normal end: what has arrived is told and saved, and\n"
    "the exit code is 0. A second one ends at once. Exit code 1: --expect was not\n"
    "met; 2: a file cannot be opened or read; 23: stdout, or the file of --save,\n"
    "cannot be written; 69: an address is taken (who holds it is told where the\n"
    "system tells).\n";

constexpr std::array<Word<ListenFormat>, 3> kListenFormats = {{{"pretty", ListenFormat::pretty},
                                                               {"jsonl", ListenFormat::jsonl},
                                                               {"none", ListenFormat::none}}};

Expected<std::optional<std::uint64_t>> read_count_flag(const ParsedFlags& flags,
                                                       std::string_view name) {
  const std::optional<std::string> text = flags.value(name);
  if (!text) return std::optional<std::uint64_t>();
  constexpr std::uint64_t kMost = 1'000'000'000;
  std::uint64_t number = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool is_whole = read.ec == std::errc{} && read.ptr == text->data() + text->size();
  if (!is_whole || number == 0 || number > kMost) {
    return flags.refuse(name, "it is not a number from 1 to " + std::to_string(kMost));
  }
  return std::optional(number);
}

Expected<void> read_listen_addresses(const ParsedFlags& flags, ListenOptions& options) {
  struct Place {
    std::string_view name;
    std::optional<Address>* address;
  };
  collect::CollectorConfig& config = options.collector;
  for (const Place& place :
       {Place{"udp", &config.udp}, Place{"tcp", &config.tcp}, Place{"web", &config.web}}) {
    const auto text = flags.value(place.name);
    if (!text) continue;
    const auto address = parse_listen_address(*text);
    if (const Error* error = address.if_error()) return flags.refuse(place.name, error->message);
    *place.address = *address;
  }
  config.host_names = flags.values("host-name");
  if (!config.udp && !config.tcp && !config.web) {
    return flags.refuse(
        "needs an address to listen on: not all of --udp, --tcp and --web are none");
  }
  return {};
}

Expected<void> read_listen_store(const ParsedFlags& flags, ListenOptions& options) {
  collect::CollectorConfig& config = options.collector;
  const auto traces = read_count_flag(flags, "max-traces");
  if (const Error* error = traces.if_error()) return *error;
  if (*traces) config.limits.traces = static_cast<std::size_t>(**traces);
  if (const auto text = flags.value("max-memory")) {
    const auto size = parse_size(*text);
    if (const Error* error = size.if_error()) return flags.refuse("max-memory", error->message);
    config.limits.bytes = *size;
  }
  config.save_path = flags.value("save").value_or("");
  config.api.rules_path = flags.value("rules").value_or("");
  options.loads = flags.values("load");
  options.forwards = flags.values("forward");
  return {};
}

Expected<void> read_listen_output(const ParsedFlags& flags, ListenOptions& options) {
  if (const auto text = flags.value("format")) {
    const auto format = choose(kListenFormats, *text);
    if (const Error* error = format.if_error()) return flags.refuse("format", error->message);
    options.format = *format;
  }
  if (const auto text = flags.value("filter")) {
    auto filter = collect::Filter::parse(*text);
    if (const Error* error = filter.if_error()) return flags.refuse("filter", error->message);
    options.filter = *std::move(filter);
    options.filter_text = *text;
  }
  if (const auto text = flags.value("color")) {
    const auto color = parse_color(*text);
    if (const Error* error = color.if_error()) return flags.refuse("color", error->message);
    options.color = *color;
  }
  options.tells_errors_only = flags.has("errors");
  options.is_silent = flags.has("silent");
  return {};
}

Expected<void> read_listen_judgement(const ParsedFlags& flags, ListenOptions& options) {
  const auto expected = read_count_flag(flags, "expect");
  if (const Error* error = expected.if_error()) return *error;
  options.expected = *expected;
  if (const auto text = flags.value("timeout")) {
    const auto limit = parse_duration(*text);
    if (const Error* error = limit.if_error()) return flags.refuse("timeout", error->message);
    if (*limit > Duration::zero()) options.limit = *limit;
  }
  return {};
}

}  // namespace

const VerbSyntax kListenSyntax{.name = "listen",
                               .summary = "receive traces, show them here and on a page",
                               .flags = kListenFlags,
                               .examples = kListenExamples,
                               .notes = kListenNotes,
                               .most_positionals = 0};

Expected<ListenOptions> read_listen_options(const ParsedFlags& flags) {
  ListenOptions options;
  for (const auto& read :
       {read_listen_addresses, read_listen_store, read_listen_output, read_listen_judgement}) {
    const auto done = read(flags, options);
    if (const Error* error = done.if_error()) return *error;
  }
  return options;
}

}  // namespace xtrace::cli
