#pragma once

/// `xtrace span`: segments from shell scripts, one short command for each thing that happens to
/// them.
///
/// Nothing remembers a span between two commands but its token (span_token.h), which the script
/// holds: `begin` prints one, `note` prints another with more in it, `end` and `header` read one.
/// A note is in the token alone until the end, since a span is sent twice at most: in progress, and
/// finished. Whatever becomes of its documents is not the script's trouble, unless it says
/// `--require-emit`.

#include "cli/flags.h"
#include "cli/process.h"

namespace xtrace::cli {

extern const VerbSyntax kSpanBeginSyntax;
extern const VerbSyntax kSpanNoteSyntax;
extern const VerbSyntax kSpanEndSyntax;
extern const VerbSyntax kSpanHeaderSyntax;

/// Sends the span in progress and prints its token.
int run_span_begin(const ParsedFlags& flags, Process& process);
/// Prints the token with the notes in it; sends nothing. Where a note is refused, the token as it
/// was, so that `T=$(...)` never loses a span.
int run_span_note(const ParsedFlags& flags, Process& process);
/// Sends the finished span.
int run_span_end(const ParsedFlags& flags, Process& process);
/// Prints the value of X-Amzn-Trace-Id, or of traceparent, for what is called within the span.
int run_span_header(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
