#pragma once

/// What a block takes of the heap, so that a limit on memory means memory.

#include <algorithm>
#include <cstddef>

namespace xtrace::collect {

/// Of a block of so many bytes: the allocator puts a size before it and rounds up, as glibc does on
/// 64 bits; others differ by a few bytes. Nothing is no block.
constexpr std::size_t heap_bytes(std::size_t size) {
  constexpr std::size_t kHead = 8;
  constexpr std::size_t kStep = 16;
  constexpr std::size_t kLeast = 32;
  if (size == 0) return 0;
  return std::max(kLeast, (size + kHead + kStep - 1) / kStep * kStep);
}

}  // namespace xtrace::collect
