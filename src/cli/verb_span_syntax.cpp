#include <array>

#include "cli/common_flags.h"
#include "cli/verb_span.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kSpanGroup = "Span";

constexpr FlagRow kExportFlag{
    .name = "export",
    .group = kSpanGroup,
    .in_short_help = true,
    .help =
        "print shell commands for eval instead, which keep the token in XTRACE_SPAN and the "
        "trace in _X_AMZN_TRACE_ID and TRACEPARENT",
    .files = FileUse::never};
constexpr FlagRow kSpanAnnotateFlag{
    .name = "annotate",
    .letter = 'a',
    .argument = "KEY=VALUE",
    .group = kSpanGroup,
    .help = "annotate the span; numbers, true and false keep their type",
    .files = FileUse::never,
    .is_repeatable = true};
constexpr FlagRow kSpanMetadataFlag{.name = "metadata",
                                    .argument = "JSON",
                                    .group = kSpanGroup,
                                    .help = "add the members of this JSON object as metadata",
                                    .files = FileUse::never};
constexpr FlagRow kSpanRequireEmitFlag{.name = "require-emit",
                                       .group = kTraceGroup,
                                       .help = "exit with 69 where nobody took the span",
                                       .files = FileUse::project};
constexpr FlagRow kQuietFlag{.name = "quiet",
                             .letter = 'q',
                             .group = kOutputGroup,
                             .help = "no notes and warnings on stderr",
                             .files = FileUse::project};

constexpr auto kBeginFlags = std::to_array<FlagRow>({
    {.name = "parent",
     .argument = "TOKEN",
     .group = kSpanGroup,
     .in_short_help = true,
     .help = "begin it inside the span of TOKEN; default: what _X_AMZN_TRACE_ID or TRACEPARENT say",
     .files = FileUse::never},
    kSpanAnnotateFlag,
    kSpanMetadataFlag,
    kExportFlag,
    {.name = "trace-header",
     .argument = "HEADER",
     .group = kTraceGroup,
     .help = "continue this trace (Root=...;Parent=...;Sampled=...)",
     .files = FileUse::never},
    {.name = "sampled",
     .argument = "0|1",
     .group = kTraceGroup,
     .help = "record, or do not; default: as the parent says, or 1",
     .files = FileUse::project},
    kEmitFlag,
    kSpanRequireEmitFlag,
    kQuietFlag,
});
constexpr auto kNoteFlags = std::to_array<FlagRow>({kSpanMetadataFlag, kExportFlag});
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
    kExportFlag,
    kEmitFlag,
    kSpanRequireEmitFlag,
    kQuietFlag,
});
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
                                  .most_positionals = 1};
const VerbSyntax kSpanNoteSyntax{.name = "span note",
                                 .operands = "[TOKEN] KEY=VALUE...",
                                 .summary = "add annotations to a span, and print its new token",
                                 .flags = kNoteFlags,
                                 .examples = "  T=$(xtrace span note \"$T\" shard=3 cold=true)\n"};
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
