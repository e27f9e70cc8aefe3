#pragma once

/// Unicode's simple case folding past ASCII: one code point becomes one, free of the locale.

#include <cstdint>
#include <span>

namespace xtrace {

/// From `first` to `last`, every `stride`th code point is compared as the one `distance` further.
struct FoldRange {
  char32_t first;
  char32_t last;
  std::int32_t distance;
  std::uint32_t stride;
};

/// Ascending, and none overlaps another.
std::span<const FoldRange> fold_ranges();

}  // namespace xtrace
