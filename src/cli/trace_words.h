#pragma once

/// How a received trace is spoken of: its marks, its URLs without their secrets, its times.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/segment_facts.h>
#include <xtrace/trace_id.h>

#include "cli/paint.h"
#include "collect/id_hash.h"

namespace xtrace::cli {

/// X-Ray's mark as a letter: `F` fault, `T` throttled, `E` error, or a blank. Of several the first.
char letter_of(const Flags& flags);
/// Its colour; `good` where there is none.
Role role_of_flags(const Flags& flags);

/// A URL as it may be shown: `***` for its query, its fragment and its userinfo. Others wrote it,
/// so nothing is taken for granted about its form.
std::string shown_url(std::string_view url);
/// The same without scheme and host: `/orders?***`.
std::string shown_path(std::string_view url);

/// Seconds as documents have them.
Duration duration_of_seconds(double seconds);

/// For containers of ids that others chose.
struct HashTraceId {
  std::size_t operator()(const TraceId& id) const { return collect::hash_id(id.text()); }
};

/// `12:30:01`, by the clock on the wall of whoever reads it.
std::string clock_time(double epoch_seconds);

}  // namespace xtrace::cli
