#pragma once

/// The rows of the headings "Output", "Judge" and "Trace".

#include <array>

#include "cli/common_flags.h"

namespace xtrace::cli {

inline constexpr std::string_view kJudgeGroup = "Judge";

inline constexpr auto kOutputRows = std::to_array<FlagRow>({
    {.name = "format",
     .argument = "FORMAT",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "pretty (default), classic, compact, json, jsonl, csv or prom; or the trace as xray, "
             "otlp, har or perfetto",
     .files = FileUse::project},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "write the body to FILE; with - to stdout, and the report to stderr"},
    {.name = "write-out",
     .letter = 'w',
     .argument = "FORMAT",
     .group = kOutputGroup,
     .help = "write FORMAT, or @FILE, with curl's %{variables} and %{json}; instead of the report, "
             "or after it where --format is given"},
    {.name = "metrics",
     .argument = "WHERE",
     .group = kOutputGroup,
     .help = "measure as docs/metrics.md says: prom writes Prometheus' text instead of the report, "
             "or after it where --format is given; prom:FILE writes it to FILE; statsd://HOST:PORT "
             "sends it to a DogStatsD server"},
    {.name = "include",
     .letter = 'i',
     .group = kOutputGroup,
     .help = "show the response headers in the report",
     .files = FileUse::project},
    {.name = "verbose",
     .letter = 'v',
     .group = kOutputGroup,
     .in_short_help = true,
     .help = "tell on stderr what happens while it happens, with both heads",
     .files = FileUse::project},
    kSilentFlag,
    {.name = "unit",
     .argument = "UNIT",
     .group = kOutputGroup,
     .help = "unit of times: auto (default), us, ms or s",
     .files = FileUse::project},
    kColorFlag,
});

inline constexpr auto kJudgeRows = std::to_array<FlagRow>({
    {.name = "fail",
     .letter = 'f',
     .group = kJudgeGroup,
     .help = "exit with 22 where the status is 400 or above",
     .files = FileUse::project},
    {.name = "expect-status",
     .argument = "LIST",
     .group = kJudgeGroup,
     .help = "exit with 22 where the status is not in LIST, as in 200,3xx,400-404",
     .files = FileUse::project},
});

inline constexpr auto kTraceRows = std::to_array<FlagRow>({
    kEmitFlag,
    kNameFlag,
    kAnnotateFlag,
    kMetadataFlag,
    kTraceHeaderFlag,
    kSampledFlag,
    kRequireEmitFlag,
    {.name = "no-redact",
     .group = kTraceGroup,
     .help = "record and show query strings, credentials and cookies"},
});

}  // namespace xtrace::cli
