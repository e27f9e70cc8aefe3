#pragma once

/// The rows of the heading "Repeat", and `--slo`. Few of them may stand in a project's file: a
/// plain `xtrace URL` must not become a thousand requests because of somebody else's sources.

#include <array>

#include "cli/flags.h"

namespace xtrace::cli {

inline constexpr std::string_view kRepeatGroup = "Repeat";

inline constexpr auto kRepeatRows = std::to_array<FlagRow>({
    {.name = "requests",
     .letter = 'n',
     .argument = "N",
     .group = kRepeatGroup,
     .in_short_help = true,
     .help = "send the request N times and report percentiles, new and reused connections apart",
     .files = FileUse::never},
    {.name = "concurrency",
     .letter = 'c',
     .argument = "N",
     .group = kRepeatGroup,
     .in_short_help = true,
     .help = "have N requests in flight (default 1); with --rate, at most N",
     .files = FileUse::never},
    {.name = "rate",
     .argument = "RATE",
     .group = kRepeatGroup,
     .help = "start requests by the clock, as in 50, 50/s or 3000/m; latency then counts from the "
             "intended start, so that a slow server cannot hide behind requests not sent",
     .files = FileUse::never},
    {.name = "duration",
     .argument = "TIME",
     .group = kRepeatGroup,
     .help =
         "start requests for TIME, or until there were -n; those under way then have 2 s to end",
     .files = FileUse::never},
    {.name = "warmup",
     .argument = "N",
     .group = kRepeatGroup,
     .help = "send N requests first that are not counted",
     .files = FileUse::never},
    {.name = "interval",
     .argument = "TIME",
     .group = kRepeatGroup,
     .help = "pause after each request, before the next one takes its place",
     .files = FileUse::never},
    {.name = "keepalive",
     .argument = "on|off",
     .group = kRepeatGroup,
     .help = "use connections again (default), or open one for each request",
     .files = FileUse::project},
    {.name = "one-trace",
     .group = kRepeatGroup,
     .help = "record all requests under one segment; default: each is a trace of its own",
     .files = FileUse::never},
});

/// Stands behind the rows of the heading "Judge".
inline constexpr auto kSloRows = std::to_array<FlagRow>({
    {.name = "slo",
     .argument = "GOALS",
     .group = "Judge",
     .in_short_help = true,
     .help = "exit with 4 where a limit is not kept, as in ttfb.p95=200ms,total.p99=1s; keys are "
             "total, ttfb and the phases, statistics min p50 p90 p95 p99 max mean (many requests; "
             "none means max)",
     .files = FileUse::project,
     .is_repeatable = true},
});

}  // namespace xtrace::cli
