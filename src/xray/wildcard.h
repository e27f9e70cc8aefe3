#pragma once

/// How sampling rules look at a request: wildcard patterns, without case.
///
/// A pattern is parts between stars. The first and the last part are compared where they must lie;
/// each part between is searched from where the one before it ended, and the leftmost place will
/// do. Where a part and a text that repeat themselves make that slow, the rest of the search keeps
/// one bit for each character of the part (Shift-And), so that a character of the text is looked at
/// once whatever the part repeats, `?` included.

#include <cstddef>
#include <string_view>

namespace xtrace {

/// A part of up to so many characters is searched in one sweep: the longest pattern that the
/// service allows. What is longer is compared at each place where its beginning is found.
inline constexpr std::size_t kSweptPart = 128;

struct WildcardRun {
  bool matches = false;
  std::size_t steps = 0;  ///< Characters read and masks looked up: what the run took.
};

/// What `matches_wildcard` does, counted.
WildcardRun run_wildcard(std::string_view pattern, std::string_view text);

/// The code point that a code point is compared as: Unicode's simple case folding.
char32_t fold_case(char32_t point);

/// Whether a rule's pattern lets a request's attribute pass. An unknown attribute passes every
/// pattern, and the empty pattern every attribute.
bool passes_pattern(std::string_view pattern, std::string_view attribute);

}  // namespace xtrace
