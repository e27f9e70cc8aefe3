#pragma once

/// The list of W3C's `tracestate`: members of all who took part in a trace, and one of ours.
///
/// Ours is `xtrace` and holds the extra fields of a trace header, `key:value` joined by semicolons;
/// what a member may not hold is written as `%2C`.

#include <string>
#include <string_view>

#include <xtrace/trace_header.h>

namespace xtrace {

/// Takes our member into `extra` and the rest into `tracestate`, cut to what is passed on. Does
/// nothing where the text is malformed.
void read_tracestate(TraceHeader& header, std::string_view text);

/// Our member, then those of others, behind what `out` holds.
void append_tracestate(const TraceHeader& header, std::string& out);

}  // namespace xtrace
