#pragma once

/// The code points past ASCII that X-Ray allows in names: Unicode's letters, numbers and
/// separators, ascending.

#include <array>
#include <span>

namespace xtrace {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

std::span<const CodePointRange> name_ranges();

}  // namespace xtrace
