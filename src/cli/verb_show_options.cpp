#include <algorithm>
#include <array>
#include <charconv>

#include <unistd.h>

#include <xtrace/http.h>
#include <xtrace/trace_id.h>

#include "base/ascii.h"
#include "cli/choice.h"
#include "cli/common_flags.h"
#include "cli/option_values.h"
#include "cli/verb_show.h"

namespace xtrace::cli {

namespace {

using ShowFormat = ShowOptions::Format;

constexpr std::string_view kWhichGroup = "Which traces";

constexpr auto kShowFlags = std::to_array<FlagRow>({
    {.name = "from",
     .argument = "HOST:PORT",
     .group = kWhichGroup,
     .in_short_help = true,
     .help = "ask the xtrace listen there; default: the TCP address of AWS_XRAY_DAEMON_ADDRESS, or "
             "127.0.0.1:2000",
     .variables = "AWS_XRAY_DAEMON_ADDRESS"},
    {.name = "filter",
     .argument = "EXPRESSION",
     .group = kWhichGroup,
     .in_short_help = true,
     .help = "only traces that match this filter expression of X-Ray's: responsetime > 1 AND fault",
     .files = FileUse::never},
    {.name = "errors",
     .group = kWhichGroup,
     .in_short_help = true,
     .help = "only traces with an error, a throttle or a fault",
     .files = FileUse::never},
    {.name = "errors-first",
     .group = kWhichGroup,
     .help = "list faults first, then throttles, then errors, then the others",
     .files = FileUse::project},
    {.name = "limit",
     .letter = 'n',
     .argument = "N",
     .group = kWhichGroup,
     .help = "ask a listener for so many traces at most (50), those that began last",
     .files = FileUse::project},
    {.name = "all",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "draw all of them, instead of a list where there are several",
     .files = FileUse::never},
    {.name = "format",
     .argument = "FORMAT",
     .group = kOutputGroup,
     .in_short_help = true,
     .help =
         "pretty (default); json: each trace whole, on a line; jsonl: what a list has of it, on "
         "a line; xray: the documents, a line each; har, perfetto, otlp, csv, prom: all of them in "
         "that format",
     .files = FileUse::project},
    kColorFlag,
});

constexpr std::string_view kShowExamples =
    "  xtrace show                       what xtrace listen holds\n"
    "  xtrace show 70ba8fa3              one of its traces, by digits of its id\n"
    "  xtrace show traces.jsonl --errors-first\n"
    "  xtrace show traces.jsonl 1-6b010e88-70ba8fa3b4f40fb339c24e95\n"
    "  aws xray batch-get-traces --trace-ids ID | xtrace show -\n"
    "  xtrace show http://127.0.0.1:2080/t/1-6b010e88-70ba8fa3b4f40fb339c24e95\n";

constexpr std::string_view kShowNotes =
    "A FILE is what xtrace emit reads: objects, arrays, JSON lines, the output of\n"
    "BatchGetTraces, daemon datagrams; - is stdin. What is neither a file nor an id\n"
    "nor an http URL is refused. Where the documents of several traces are in it,\n"
    "there is a list; an ID, or some digits of it, picks one.\n"
    "\n"
    "Exit code 1: there is no such trace; 2: the file cannot be read; 65: it holds a\n"
    "document that X-Ray would refuse (it is drawn, and told on stderr); 69: nobody\n"
    "listens.\n";

constexpr std::array<Word<ShowFormat>, 9> kShowFormats = {{{"pretty", ShowFormat::pretty},
                                                           {"json", ShowFormat::json},
                                                           {"jsonl", ShowFormat::jsonl},
                                                           {"xray", ShowFormat::xray},
                                                           {"har", ShowFormat::har},
                                                           {"perfetto", ShowFormat::perfetto},
                                                           {"otlp", ShowFormat::otlp},
                                                           {"csv", ShowFormat::csv},
                                                           {"prom", ShowFormat::prom}}};

bool is_file_name(const std::string& text) {
  return text == "-" || access(text.c_str(), F_OK) == 0;
}

/// A trace id, or as much of it as a person takes from a list.
bool may_be_id(std::string_view text) {
  constexpr std::size_t kFewest = 4;
  const auto is_part = [](char c) { return is_hex_digit(c) || c == '-'; };
  return (text.size() >= kFewest && text.size() <= TraceId::kLength &&
          std::ranges::all_of(text, is_part)) ||
         TraceId::parse(text).has_value();
}

/// `http://127.0.0.1:2080/t/1-...`: what a browser shows above the page.
Expected<void> read_page_url(const ParsedFlags& flags, const std::string& text,
                             ShowOptions& options) {
  const auto url = Url::parse(text);
  if (!url || url->scheme() != "http")
    return flags.refuse("takes no such URL: it is not the page's");
  options.from = {.host = std::string(url->host()), .port = url->port()};
  std::string_view path = url->path();
  constexpr std::string_view kTrace = "/t/";
  if (path.starts_with(kTrace)) options.id = path.substr(kTrace.size());
  return {};
}

Expected<void> read_show_words(const ParsedFlags& flags, ShowOptions& options) {
  const auto& words = flags.positionals();
  if (words.empty()) return {};
  const std::string& first = words.front();
  if (is_file_name(first)) {
    options.file = first;
    if (words.size() == 2) options.id = words[1];
  } else if (words.size() == 2) {
    return flags.refuse("cannot read " + first + ": there is no such file");
  } else if (first.find("://") != std::string::npos) {
    return read_page_url(flags, first, options);
  } else if (may_be_id(first)) {
    options.id = first;
  } else {
    return flags.refuse("finds neither a file nor a trace id in " + first);
  }
  if (!options.id.empty() && !may_be_id(options.id)) {
    return flags.refuse(options.id + " is no trace id, and not four or more digits of one");
  }
  return {};
}

Expected<void> read_show_source(const ParsedFlags& flags, const Environment& environment,
                                ShowOptions& options) {
  const char* const variable = environment("AWS_XRAY_DAEMON_ADDRESS");
  const auto given = flags.value("from");
  const auto address = parse_daemon_address(given ? *given : variable == nullptr ? "" : variable);
  if (const Error* error = address.if_error()) {
    if (given) return flags.refuse("from", error->message);
    return flags.refuse("cannot go on: AWS_XRAY_DAEMON_ADDRESS: " + error->message);
  }
  options.from = address->tcp;
  return read_show_words(flags, options);
}

Expected<void> read_show_output(const ParsedFlags& flags, ShowOptions& options) {
  if (const auto text = flags.value("format")) {
    const auto format = choose(kShowFormats, *text);
    if (const Error* error = format.if_error()) return flags.refuse("format", error->message);
    options.format = *format;
  }
  if (const auto text = flags.value("color")) {
    const auto color = parse_color(*text);
    if (const Error* error = color.if_error()) return flags.refuse("color", error->message);
    options.color = *color;
  }
  if (const auto text = flags.value("filter")) {
    auto filter = collect::Filter::parse(*text);
    if (const Error* error = filter.if_error()) return flags.refuse("filter", error->message);
    options.filter = *std::move(filter);
    options.filter_text = *text;
  }
  if (const auto text = flags.value("limit")) {
    const auto read = std::from_chars(text->data(), text->data() + text->size(), options.limit);
    const bool is_whole = read.ec == std::errc{} && read.ptr == text->data() + text->size();
    if (!is_whole || options.limit == 0)
      return flags.refuse("limit", "it is not a number from 1 on");
  }
  options.has_errors_only = flags.has("errors");
  options.has_errors_first = flags.has("errors-first");
  options.draws_all = flags.has("all");
  return {};
}

}  // namespace

const VerbSyntax kShowSyntax{.name = "show",
                             .operands = "[FILE|ID|URL] [ID]",
                             .summary = "draw a saved trace, or one that listen holds",
                             .flags = kShowFlags,
                             .examples = kShowExamples,
                             .notes = kShowNotes,
                             .most_positionals = 2};

Expected<ShowOptions> read_show_options(const ParsedFlags& flags, const Environment& environment) {
  ShowOptions options;
  const auto source = read_show_source(flags, environment, options);
  if (const Error* error = source.if_error()) return *error;
  const auto output = read_show_output(flags, options);
  if (const Error* error = output.if_error()) return *error;
  return options;
}

}  // namespace xtrace::cli
