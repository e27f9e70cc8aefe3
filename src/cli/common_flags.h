#pragma once

/// The flags that several verbs have: one spelling, one sentence, one meaning.

#include "cli/flags.h"

namespace xtrace::cli {

inline constexpr std::string_view kTraceGroup = "Trace";
inline constexpr std::string_view kOutputGroup = "Output";

inline constexpr FlagRow kEmitFlag{
    .name = "emit",
    .argument = "WHERE",
    .group = kTraceGroup,
    .in_short_help = true,
    .help =
        "send the segment to udp://HOST:PORT, tcp://HOST:PORT (acknowledged), file:PATH, - "
        "(stdout) or none; default: AWS_XRAY_DAEMON_ADDRESS, or udp://127.0.0.1:2000",
    .files = FileUse::project_local,
    .variables = "AWS_XRAY_DAEMON_ADDRESS"};

inline constexpr FlagRow kNameFlag{
    .name = "name",
    .argument = "SERVICE",
    .group = kTraceGroup,
    .help = "name of the segment; default: AWS_XRAY_TRACING_NAME, or xtrace",
    .files = FileUse::project,
    .variables = "AWS_XRAY_TRACING_NAME"};

inline constexpr FlagRow kAnnotateFlag{
    .name = "annotate",
    .letter = 'a',
    .argument = "KEY=VALUE",
    .group = kTraceGroup,
    .help = "annotate the segment; numbers, true and false keep their type",
    .files = FileUse::project,
    .is_repeatable = true};

inline constexpr FlagRow kMetadataFlag{.name = "metadata",
                                       .argument = "JSON",
                                       .group = kTraceGroup,
                                       .help = "add the members of this JSON object as metadata",
                                       .files = FileUse::project};

inline constexpr FlagRow kTraceHeaderFlag{
    .name = "trace-header",
    .argument = "HEADER",
    .group = kTraceGroup,
    .help =
        "continue this trace (Root=...;Parent=...;Sampled=...); default: _X_AMZN_TRACE_ID, or "
        "TRACEPARENT",
    .files = FileUse::never};

inline constexpr FlagRow kSampledFlag{
    .name = "sampled",
    .argument = "0|1|?",
    .group = kTraceGroup,
    .help =
        "record, do not record, or let the server decide; default: as the trace header says, "
        "or 1",
    .files = FileUse::project};

/// Of verbs that ask no server.
inline constexpr FlagRow kSampledOrNotFlag{
    .name = "sampled",
    .argument = "0|1",
    .group = kTraceGroup,
    .help = "record, or do not; default: as the trace header says, or 1",
    .files = FileUse::project};

inline constexpr FlagRow kRequireEmitFlag{.name = "require-emit",
                                          .group = kTraceGroup,
                                          .help = "exit with 69 where nobody took the segment",
                                          .files = FileUse::project};

inline constexpr FlagRow kSilentFlag{.name = "silent",
                                     .letter = 's',
                                     .group = kOutputGroup,
                                     .help = "no notes and warnings on stderr",
                                     .files = FileUse::project};

inline constexpr FlagRow kColorFlag{
    .name = "color",
    .argument = "WHEN",
    .group = kOutputGroup,
    .help =
        "auto (default), always or never; NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE are "
        "honoured",
    .files = FileUse::project,
    .variables = "NO_COLOR FORCE_COLOR CLICOLOR_FORCE"};

}  // namespace xtrace::cli
