#include <array>

#include "cli/common_flags.h"
#include "cli/verb_span.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kSpanGroup = "Span";

constexpr FlagRow export_flag(std::string_view help) {
  return {.name = "export",
          .group = kSpanGroup,
          .in_short_help = true,
          .help = help,
          .files = FileUse::never};
}

/// What belongs to one span: a file's would be told again by every verb of the family.
constexpr FlagRow of_one_span(FlagRow row) {
  row.group = kSpanGroup;
  row.files = FileUse::never;
  return row;
}

constexpr FlagRow kSpanAnnotateFlag = of_one_span(kAnnotateFlag);
constexpr FlagRow kSpanMetadataFlag = of_one_span(kMetadataFlag);

constexpr auto kBeginFlags = std::to_array<FlagRow>({
    {.name = "parent",
     .argument = "TOKEN",
     .group = kSpanGroup,
     .in_short_help = true,
     .help = "begin it inside the span of TOKEN",
     .files = FileUse::never},
    kSpanAnnotateFlag,
    kSpanMetadataFlag,
    export_flag(
        "print shell commands for eval instead, which keep the token in XTRACE_SPAN and the "
        "trace in _X_AMZN_TRACE_ID and TRACEPARENT"),
    kTraceHeaderFlag,
    kSampledOrNotFlag,
    kEmitFlag,
    kRequireEmitFlag,
    kSilentFlag,
});
constexpr auto kNoteFlags = std::to_array<FlagRow>({
    kSpanMetadataFlag,
    export_flag("print a shell command for eval instead, which keeps the token in XTRACE_SPAN"),
});
constexpr auto kEndFlags = std::to_array<FlagRow>({
    {.name = "error",
     .argument = "MESSAGE",
     .group = kSpanGroup,
     .in_short_help = true,
     .help = "the span failed: mark it as a fault, with this message",
     .files = FileUse::never},
    {.name = "status",
     .argument = "CODE",
     .group = kSpanGroup,
     .in_short_help = true,
     .help = "record an HTTP status; 4xx mark an error, 429 a throttle too, 5xx a fault",
     .files = FileUse::never},
    kSpanAnnotateFlag,
    kSpanMetadataFlag,
    export_flag("print shell commands for eval, which forget XTRACE_SPAN and go back to the trace "
                "as it was around the span"),
    kEmitFlag,
    kRequireEmitFlag,
    kSilentFlag,
});
constexpr std::string_view kSpanNotes =
    "The token holds the whole span: there is no file and no process between begin\n"
    "and end. begin sends it as in progress, end sends it finished. Where TOKEN is\n"
    "left out, XTRACE_SPAN is taken, which --export sets.\n";
constexpr auto kHeaderFlags = std::to_array<FlagRow>({{
    .name = "traceparent",
    .group = kSpanGroup,
    .in_short_help = true,
    .help = "print the value of W3C's traceparent instead",
    .files = FileUse::never,
}});

}  // namespace

const VerbSyntax kSpanBeginSyntax{.name = "span begin",
                                  .operands = "NAME",
                                  .summary = "begin a span in a script, and print its token",
                                  .flags = kBeginFlags,
                                  .examples =
                                      "  T=$(xtrace span begin build)\n"
                                      "  make || xtrace span end \"$T\" --error \"make failed\"\n"
                                      "  eval \"$(xtrace span begin --export build)\"\n",
                                  .notes = kSpanNotes,
                                  .most_positionals = 1};
const VerbSyntax kSpanNoteSyntax{
    .name = "span note",
    .operands = "[TOKEN] KEY=VALUE...",
    .summary = "add annotations to a span, and print its new token",
    .flags = kNoteFlags,
    .examples = "  T=$(xtrace span note \"$T\" shard=3 cold=true)\n",
    .notes = "A note that is refused (exit code 2) prints the token as it was.\n"};
const VerbSyntax kSpanEndSyntax{.name = "span end",
                                .operands = "[TOKEN]",
                                .summary = "end a span",
                                .flags = kEndFlags,
                                .examples =
                                    "  xtrace span end \"$T\"\n"
                                    "  xtrace span end \"$T\" --status 503\n",
                                .most_positionals = 1};
const VerbSyntax kSpanHeaderSyntax{
    .name = "span header",
    .operands = "[TOKEN]",
    .summary = "print the trace header for what a span calls",
    .flags = kHeaderFlags,
    .examples = "  curl -H \"X-Amzn-Trace-Id: $(xtrace span header \"$T\")\" localhost:8080\n",
    .most_positionals = 1};

}  // namespace xtrace::cli
