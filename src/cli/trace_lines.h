#pragma once

/// A line for each trace, as `xtrace listen` tells them while they come and `xtrace show` lists
/// them.

#include <cstddef>
#include <string>

#include "cli/report.h"
#include "collect/stored_trace.h"
#include "collect/trace_digest.h"
#include "collect/trace_tree.h"

namespace xtrace::cli {

/// Whether a line tells of a trace for the first time.
enum class Telling : std::uint8_t { first, again };

/// What the columns of the lines are.
std::string draw_trace_columns(const Style& style);

/// `12:30:01  612.4ms ####  503 F  checkout  POST /checkout  2  ffeeddc0`: when it began, how long
/// it took and that as a bar, the status and X-Ray's mark, the service that was asked, what for, of
/// how many segments it is, and its id: all of it on a wide screen, or the first eight random
/// digits, which `show` takes as well.
///
/// The bar's scale is the same on every line, a cell for each factor of ten above a millisecond's
/// tenth.
std::string draw_trace_row(const collect::TraceDigest& digest, Telling telling, const Style& style);

/// The same of a trace that is stored.
std::string draw_trace_row(const collect::StoredTrace& trace, const collect::TraceDigest& digest,
                           Telling telling, const Style& style);

/// Where the root segment was asked for nothing, for it is a client's, the digest as if it had been
/// asked for what it called first.
collect::TraceDigest with_first_call(const collect::TraceDigest& digest,
                                     const collect::TraceTree& tree);

/// The trace as an object of JSON on one line, `xtrace.trace/1`: what the page has in its list
/// (src/collect/web/README.md).
std::string trace_json_line(const collect::StoredTrace& trace, const collect::TraceDigest& digest);

/// The first eight random digits of an id: what stands for it where there is little room.
std::string brief_id(const TraceId& id);

}  // namespace xtrace::cli
