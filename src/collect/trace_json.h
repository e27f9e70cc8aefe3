#pragma once

/// A trace as the page gets it: the row of a list, and the whole (src/collect/web/README.md says
/// what is in them).

#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "collect/stored_trace.h"
#include "collect/trace_digest.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

/// `udp`
std::string_view name_of(Door door);

/// Services that a row names at most.
inline constexpr std::size_t kMostServicesInRow = 50;

void write_row(JsonWriter& json, const StoredTrace& trace, const TraceDigest& digest);

/// `tree` is of `trace`.
void write_trace(JsonWriter& json, const StoredTrace& trace, const TraceDigest& digest,
                 const TraceTree& tree);

/// A block of a document as it is written, but for NaN and the infinities of Python, which become
/// null; null where the block is empty.
void write_block(JsonWriter& json, std::string_view block);

/// The text, or null where it is empty.
void write_text(JsonWriter& json, std::string_view text);

/// The same JSON without a `<`, which can only stand in a string, where `\u003c` means it: so that
/// no answer is markup, whatever somebody takes it for.
std::string without_markup(std::string json);

}  // namespace xtrace::collect
