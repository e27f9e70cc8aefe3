#pragma once

/// The rows of the heading "Policy". What multiplies requests, or repeats what is not safe to
/// repeat, is nothing that somebody else's sources may ask for.

#include <array>

#include "cli/flags.h"

namespace xtrace::cli {

inline constexpr std::string_view kPolicyGroup = "Policy";

inline constexpr auto kPolicyRows = std::to_array<FlagRow>({
    {.name = "retry",
     .argument = "N",
     .group = kPolicyGroup,
     .in_short_help = true,
     .help = "try again at most N times; in a race each attempt counts. -m then is the limit of "
             "all attempts and waits together"},
    {.name = "retry-on",
     .argument = "LIST",
     .group = kPolicyGroup,
     .help = "what is tried again: statuses (503, 5xx, 500-504) and connect, timeout, reset, dns, "
             "transient (what may pass by itself) or any (every error, and 400 and above); "
             "default 429,502,503,504,transient",
     .files = FileUse::project},
    {.name = "retry-after",
     .group = kPolicyGroup,
     .help = "wait as long as the answer's Retry-After says, at most a minute",
     .files = FileUse::project},
    {.name = "backoff",
     .argument = "TIME[..TIME]",
     .group = kPolicyGroup,
     .help = "wait a random part of the first time, then of twice that, up to the second; or one "
             "time that is always the same, also 0; default 50ms..1s",
     .files = FileUse::project},
    {.name = "attempt-timeout",
     .argument = "TIME",
     .group = kPolicyGroup,
     .help = "give up one attempt after TIME, redirects and body included",
     .files = FileUse::project},
    {.name = "race",
     .argument = "TIME[,TIME...]",
     .group = kPolicyGroup,
     .in_short_help = true,
     .help = "where there is no answer after TIME, start a second attempt beside the first, and so "
             "on; the first answer wins. With -n also p95: where an attempt is slower than 95% of "
             "those before"},
    {.name = "repeat-any-method",
     .group = kPolicyGroup,
     .help = "retry and race POST and PATCH, too: the server may do it twice"},
    {.name = "breaker",
     .argument = "FAILURES/TIME",
     .group = kPolicyGroup,
     .help =
         "send nothing for a while after so many failures within TIME, as in 5/30s, then probe"},
    {.name = "pool",
     .argument = "N",
     .group = kPolicyGroup,
     .help = "open at most N connections to one host; further requests wait",
     .files = FileUse::project},
    {.name = "target-id",
     .argument = "ID",
     .group = kPolicyGroup,
     .help = "who is asked, in metrics, the breaker and the trace; default: the host",
     .files = FileUse::project},
    {.name = "endpoint",
     .argument = "TEMPLATE",
     .group = kPolicyGroup,
     .help = "the path with its variable parts named, as in /users/{id}, for the trace",
     .files = FileUse::project},
});

}  // namespace xtrace::cli
