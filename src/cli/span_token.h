#pragma once

/// A span token is a span that has begun, as one word: what `xtrace span begin` prints and `span
/// note` and `span end` take, so that no file and no process has to remember it.
///
///     span1.1-6b00e7f1-4d1e0c6fb1a2c3d4e5f60718.00c0ffee00c0ffee.-.1.1763685600123456.eyJuYW1l...
///
/// Form, trace, span, parent (or `-`), sampled, start in microseconds of the epoch, and the rest as
/// JSON in base64url. It needs no quotes in any shell, and nobody but xtrace reads it; the ids are
/// in clear for those who look for the trace.

#include <string>
#include <string_view>

#include <xtrace/expected.h>

#include "cli/span_record.h"

namespace xtrace::cli {

/// A token longer than this is refused: it has to fit an argument and an environment variable.
inline constexpr std::size_t kMaxTokenBytes = 96 * 1024;

/// Of context, name, start, annotations and metadata; the rest of a record is not known before its
/// end. Fails with `invalid_config` where it would be longer than `kMaxTokenBytes`.
Expected<std::string> to_token(const SpanRecord& record);

/// Fails with `invalid_config`: one sentence that tells which part is wrong.
Expected<SpanRecord> parse_token(std::string_view token);

}  // namespace xtrace::cli
