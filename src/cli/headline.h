#pragma once

/// The verdict: what came of a request, in one line.

#include <string>

#include "cli/report.h"

namespace xtrace::cli {

/// `200 OK  HTTP/1.1  203.0.113.7:443 (of 2 addresses)  TLSv1.2  new connection  1.9 kB`, or
/// `TIMED OUT waiting for the first byte (limit 2s)   203.0.113.5:443  TLSv1.2`, or `FAILED in tls:
/// ...`. Folded where the screen is narrower; a judgement stands on a line of its own.
std::string draw_headline(const Report& report, const AttemptReport* attempt, const Style& style);

/// What was under way in that phase, as it follows "timed out": `waiting for the first byte`.
std::string_view deed_of(Phase phase);

/// The name of an error code as words: `connect refused`.
std::string words_of(Error::Code code);

}  // namespace xtrace::cli
