#pragma once

/// What may stand in a trace header, for the two forms it is written in.

#include <string_view>

#include <xtrace/trace_header.h>

namespace xtrace {

/// Text that prints, and neither ends an element nor makes other parsers stumble.
bool is_carried(std::string_view text);
/// The same without a `=`.
bool is_carried_key(std::string_view key);
/// `Root`, `Parent`, `Sampled` and `Self`, in either case: never an extra field.
bool is_own_key(std::string_view key);

/// Adds an extra field, or replaces the one of that key; leaves it out where the budget is used up.
void keep_extra(TraceHeader& header, std::string_view key, std::string_view value);

}  // namespace xtrace
